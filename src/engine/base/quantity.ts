const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PREFIXES = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
} as const;

/** Seconds of `45s`, `1h30m` or `500ms`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  // In whole milliseconds: 700 times 0.001 is not 0.7.
  let milliseconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    milliseconds += Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  }
  return milliseconds / 1000;
}

/** Bytes of `512MB` (powers of 1000) or `1.5GiB` (powers of 1024), rounded up; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?((?:[kMGT]i?)?)B$/.exec(text);
  if (!match) return undefined;
  return Math.ceil(Number(match[1]) * PREFIXES[match[2] as keyof typeof PREFIXES]);
}
