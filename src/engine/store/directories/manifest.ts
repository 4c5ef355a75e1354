import type { ArtefactDigest } from '../../base/digest.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';

/** A file, a link or an empty folder of a directory. Paths have `/` between their parts. */
export type DirectoryEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly digest: ArtefactDigest;
      readonly bytes: number;
      readonly isExecutable: boolean;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string };

const HEADER = 'vmfdag directory 1';

/**
 * The bytes of a directory: a line for each entry, in the order of their paths. Times, owners and the order of creation are not in it, so equal
 * directories have equal bytes.
 */
export function encodeManifest(entries: readonly DirectoryEntry[]): Uint8Array {
  const lines = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map((entry) => JSON.stringify(described(entry)));
  return new TextEncoder().encode([HEADER, ...lines, ''].join('\n'));
}

function described(entry: DirectoryEntry): JsonObject {
  const { path } = entry;
  switch (entry.kind) {
    case 'file':
      return { path, digest: entry.digest, bytes: entry.bytes, ...(entry.isExecutable ? { executable: true } : {}) };
    case 'link':
      return { path, link: entry.target };
    case 'folder':
      return { path, folder: true };
  }
}

/**
 * The entries of a manifest.
 * @throws {TypeError} for bytes that are none, or whose paths would lead out of the directory
 */
export function decodeManifest(bytes: Uint8Array): readonly DirectoryEntry[] {
  const [header, ...lines] = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
  if (header !== HEADER || lines.pop() !== '') throw new TypeError('these bytes are no manifest of a directory');
  return lines.map(entryOf);
}

function entryOf(line: string): DirectoryEntry {
  const found: unknown = JSON.parse(line);
  const entry = isJsonObject(found) ? readEntry(found) : undefined;
  if (!entry) throw new TypeError(`this line is no entry of a directory: ${line}`);
  return entry;
}

function readEntry({ path, digest, bytes, executable, link, folder }: JsonObject): DirectoryEntry | undefined {
  if (typeof path !== 'string' || !isBelow(path)) return undefined;
  if (typeof link === 'string') return staysInside(path, link) ? { kind: 'link', path, target: link } : undefined;
  if (folder === true) return { kind: 'folder', path };
  if (typeof digest !== 'string' || typeof bytes !== 'number') return undefined;
  return { kind: 'file', path, digest: digest as ArtefactDigest, bytes, isExecutable: executable === true };
}

function isBelow(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
}

/**
 * Whether the target of a link stays in the directory wherever that lies: relative, up at most to the top, and up only at the beginning. A link
 * on the way down would make a later `..` lead elsewhere.
 */
export function staysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const down = parts.findIndex((part) => part !== '..');
  const ups = down < 0 ? parts.length : down;
  return ups < path.split('/').length && !parts.slice(ups).includes('..');
}
