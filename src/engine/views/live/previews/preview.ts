import { isUtf8 } from 'node:buffer';
import type { ArtefactDigest } from '../../../base/digest.ts';
import type { Store } from '../../../store/store.ts';
import { UnreadableArtefact } from '../../../store/unreadable-artefact.ts';
import type { Preview } from '../protocol.ts';
import { findArtefact, typeOfName, type Viewed } from './artefact-reader.ts';
import { imageType } from './image-type.ts';
import { svgCaption } from './svg-caption.ts';
import { arrowPreview, csvPreview } from './table-preview.ts';
import { summariseTensors } from './tensor-summary.ts';

const MEBIBYTE = 1024 * 1024;

/** A larger artefact of this kind is not looked into. */
export const LARGEST_IMAGE = 32 * MEBIBYTE;
const LARGEST_TABLE = 64 * MEBIBYTE;
const LARGEST_CSV = 16 * MEBIBYTE;
const LARGEST_TENSORS = 64 * MEBIBYTE;
const LARGEST_JSON = 2 * MEBIBYTE;

/** The text of one answer. */
const LARGEST_TEXT = 256 * 1024;

const HEAD_BYTES = 4096;
const BYTES_SHOWN = 256;
const ENTRIES_SHOWN = 500;

/** What is asked for. */
export interface PreviewRequest {
  readonly digest: ArtefactDigest;
  readonly type: string;
  /** In a directory. */
  readonly path: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

type Content<P = Preview> = P extends unknown ? Omit<P, 'digest' | 'type' | 'bytes'> : never;

/** What a page can show of an artefact. Whatever its size, an answer is small, and a bounded part of it is read. */
export async function preview(request: PreviewRequest, store: Store): Promise<Preview> {
  const found = findArtefact(request.digest, request.type, request.path, store);
  const about = { digest: request.digest, type: found?.type ?? request.type, bytes: found?.bytes ?? null };
  if (!found) return { ...about, kind: 'missing' };
  try {
    return { ...about, ...(await contentOf(found, request, store)) } as Preview;
  } catch (error) {
    if (error instanceof UnreadableArtefact) return { ...about, kind: 'missing' };
    if (error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError)
      return { ...about, kind: 'unreadable', fact: error.message };
    throw error;
  }
}

async function contentOf(viewed: Viewed, request: PreviewRequest, store: Store): Promise<Content> {
  const { digest, type, bytes } = viewed;
  const { offset, limit } = request;
  if (request.path === undefined && store.files.isDirectory(digest)) return directory(digest, offset, limit, store);
  switch (type) {
    case 'svg':
    case 'png':
      return image(viewed, request, store);
    case 'markdown':
      return bytes > LARGEST_TEXT
        ? text(viewed, offset, limit, store)
        : { kind: 'document', address: addressOf(request) };
    case 'json':
      return json(viewed, offset, limit, store);
    case 'csv':
      return csvPreview(decoded(await store.files.part(digest, 0, LARGEST_CSV)), bytes <= LARGEST_CSV, offset, limit);
    case 'arrow':
      if (bytes > LARGEST_TABLE) return { kind: 'too large', limit: LARGEST_TABLE };
      return arrowPreview(await store.files.part(digest, 0, LARGEST_TABLE), offset, limit);
    case 'safetensors':
      return { kind: 'tensors', ...summariseTensors(await store.files.part(digest, 0, LARGEST_TENSORS)) };
    default:
      return other(viewed, request, store);
  }
}

/** Bytes whose kind is not declared: by what they begin with. */
async function other(viewed: Viewed, request: PreviewRequest, store: Store): Promise<Content> {
  const head = await store.files.part(viewed.digest, 0, HEAD_BYTES);
  if (imageType(head)) return image(viewed, request, store);
  const isText = viewed.bytes <= HEAD_BYTES ? isUtf8(head) : isUtf8(head.subarray(0, wholeCharacters(head)));
  if (isText && !head.includes(0)) return text(viewed, request.offset, request.limit, store);
  return { kind: 'bytes', head: Buffer.from(head.subarray(0, BYTES_SHOWN)).toString('hex') };
}

async function image({ digest, bytes }: Viewed, request: PreviewRequest, store: Store): Promise<Content> {
  if (bytes > LARGEST_IMAGE) return { kind: 'too large', limit: LARGEST_IMAGE };
  const head = decoded(await store.files.part(digest, 0, HEAD_BYTES));
  return { kind: 'image', address: addressOf(request), caption: svgCaption(head) ?? null };
}

function addressOf({ digest, type, path }: PreviewRequest): string {
  const query = new URLSearchParams({ digest, type, ...(path === undefined ? {} : { path }) });
  return `/api/raw?${query}`;
}

async function json(viewed: Viewed, offset: number, limit: number, store: Store): Promise<Content> {
  if (viewed.bytes > LARGEST_JSON) return text(viewed, offset, limit, store);
  const value: unknown = JSON.parse(decoded(await store.files.part(viewed.digest, 0, LARGEST_JSON)));
  const pretty = Buffer.from(JSON.stringify(value, null, 2));
  return {
    ...textPart(pretty.subarray(offset, offset + Math.min(limit, LARGEST_TEXT)), offset, pretty.length),
    kind: 'json',
  };
}

async function text({ digest, bytes }: Viewed, offset: number, limit: number, store: Store): Promise<Content> {
  return textPart(await store.files.part(digest, offset, Math.min(limit, LARGEST_TEXT)), offset, bytes);
}

function textPart(part: Uint8Array, offset: number, end: number): Extract<Content, { kind: 'text' | 'json' }> {
  const isLast = offset + part.length >= end;
  const whole = isLast ? part.length : wholeCharacters(part);
  const next = offset + whole;
  return {
    kind: 'text',
    text: decoded(part.subarray(0, whole)),
    offset,
    next: isLast || next === offset ? null : next,
  };
}

/** How many bytes make whole characters of UTF-8. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function directory(digest: ArtefactDigest, offset: number, limit: number, store: Store): Content {
  const entries = store.files.entries(digest) ?? [];
  const shown = entries.slice(offset, offset + Math.min(limit, ENTRIES_SHOWN));
  return {
    kind: 'directory',
    entries: shown.map((entry) => ({
      path: entry.path,
      bytes: entry.kind === 'file' ? entry.bytes : 0,
      type: entry.kind === 'file' ? typeOfName(entry.path) : entry.kind,
    })),
    count: entries.length,
    offset,
  };
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
