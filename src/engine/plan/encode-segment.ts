import type { Coordinate } from '../stage/stage.ts';

const UNSAFE = /[^A-Za-z0-9_.+,:@-]/;
const UNSAFE_RUNS = /[^A-Za-z0-9_.+,:@-]+/g;

/** A coordinate value as one segment of a node id. Characters with a meaning in a shell or a pattern are percent-encoded. */
export function encodeSegment(value: Coordinate): string {
  const text = String(value);
  return UNSAFE.test(text) ? text.replace(UNSAFE_RUNS, percentEncode) : text;
}

function percentEncode(run: string): string {
  let encoded = '';
  for (const byte of Buffer.from(run, 'utf8')) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
}
