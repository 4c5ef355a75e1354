import type { Environment } from './worker-environment.ts';

/** A shorter value keeps no secret, and would be found everywhere. */
const SHORTEST_SECRET = 4;

/** Replaces the values of secrets, also in their JSON and URL forms. */
export function masked(text: string, secrets: readonly string[], environment: Environment): string {
  if (secrets.length === 0) return text;
  return formsOf(secrets, environment).reduce((rest, form) => rest.replaceAll(form, '***'), text);
}

/** All texts to replace, the longest first: one secret may be the beginning of a longer one. */
function formsOf(secrets: readonly string[], environment: Environment): readonly string[] {
  const forms = new Set<string>();
  for (const name of secrets) {
    const value = environment[name] ?? '';
    if (value.length < SHORTEST_SECRET) continue;
    for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]) forms.add(form);
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** A tree of plain values with each of its texts replaced. Names of properties stay. */
export function withTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, replace)]));
}
