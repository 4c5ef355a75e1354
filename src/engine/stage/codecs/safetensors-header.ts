import { DTYPES, type DtypeName, elementCount, type HeaderEntry } from './safetensors-dtypes.ts';

/**
 * Reads the header of a file, and checks that its tensors fill the body without a gap and without sharing a byte.
 *
 * @returns the entries by name, and where the body begins.
 * @throws {RangeError} for a file that is cut short or not laid out by the format.
 */
export function readHeader(file: Uint8Array): {
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly body: number;
} {
  if (file.length < 8) throw new RangeError(`a safetensors file of ${file.length} bytes is cut short`);
  const body = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (body > file.length) throw new RangeError('the safetensors header is cut short');
  const entries = parseEntries(file.subarray(8, body));
  checkLayout(entries, file.length - body);
  return { entries, body };
}

function parseEntries(header: Uint8Array): Map<string, HeaderEntry> {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    parsed = JSON.parse(text);
  } catch {
    throw new RangeError('the safetensors header is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new RangeError('the safetensors header is not a mapping of names to tensors');
  }
  const repeated = repeatedName(text);
  if (repeated !== undefined) throw new RangeError(`the safetensors header names ${JSON.stringify(repeated)} twice`);
  const entries = new Map<string, HeaderEntry>();
  for (const [name, entry] of Object.entries(parsed)) {
    if (name === '__proto__') throw new RangeError('the safetensors header has a tensor of the name "__proto__"');
    if (name !== '__metadata__') entries.set(name, checkedEntry(name, entry));
  }
  return entries;
}

function checkedEntry(name: string, entry: Partial<HeaderEntry> | null | undefined): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  if (dtype === undefined || !Object.hasOwn(DTYPES, dtype)) {
    throw new RangeError(`tensor "${name}" has dtype ${String(dtype)}, which is not supported`);
  }
  const elements = elementCount(shape);
  if (elements === undefined) throw new RangeError(`tensor "${name}" has no shape`);
  const [begin, end] = Array.isArray(offsets) ? offsets : [];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || (begin as number) < 0) {
    throw new RangeError(`tensor "${name}" has no data_offsets`);
  }
  const bytes = (end as number) - (begin as number);
  if (bytes !== elements * DTYPES[dtype as DtypeName].BYTES_PER_ELEMENT) {
    throw new RangeError(`tensor "${name}" has shape [${shape?.join(', ')}] of ${dtype} but ${bytes} bytes`);
  }
  return entry as HeaderEntry;
}

function checkLayout(entries: ReadonlyMap<string, HeaderEntry>, bodyBytes: number): void {
  const inOrder = [...entries].sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
  let filled = 0;
  for (const [
    name,
    {
      data_offsets: [begin, end],
    },
  ] of inOrder) {
    if (begin !== filled) {
      throw new RangeError(
        `tensor "${name}" ${begin < filled ? 'shares bytes with' : 'leaves a gap to'} the one before it`,
      );
    }
    if (end > bodyBytes) throw new RangeError(`tensor "${name}" is cut short`);
    filled = end;
  }
  if (filled < bodyBytes) throw new RangeError(`${bodyBytes - filled} bytes after the last tensor belong to none`);
}

/** JSON.parse keeps the last of two fields of one name, and drops the other without a word. */
function repeatedName(header: string): string | undefined {
  const names = new Set<string>();
  let depth = 0;
  for (const [token, text] of header.matchAll(/[{}[\]]|("[^"\\]*(?:\\.[^"\\]*)*")(?:\s*:)?/g)) {
    if (text === undefined) depth += token === '{' || token === '[' ? 1 : -1;
    else if (depth === 1 && token.endsWith(':')) {
      const name = JSON.parse(text) as string;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}
