import { crc32 } from 'node:zlib';
import type { ResultFile } from '../../store/store.ts';

/**
 * A figure says itself where it comes from: an SVG in a `<metadata>` element, a PNG in a `tEXt` chunk. The mark is added when the figure is published, and can be
 * removed to the byte. The artefact in the cache has no mark, since its bytes must not depend on anything outside its key. The mark holds nothing about the run, so that the
 * same artefact of the same key is always the same file.
 */
export interface FigureMark extends Pick<ResultFile, 'node' | 'output' | 'key' | 'digest'> {}

const KEYWORD = 'vmfdag';

/** The bytes with a mark; the unchanged bytes if they are no figure, or have no place for one. */
export function markFigure(bytes: Uint8Array, mark: FigureMark): Uint8Array {
  const place = placeIn(bytes);
  if (!place) return bytes;
  const { node, output, key, digest } = mark;
  const text = asciiJson({ node, output, key, digest });
  return Buffer.concat([bytes.subarray(0, place.at), place.format.wrap(text), bytes.subarray(place.at)]);
}

/** A marked figure: the bytes without the mark, and the mark's content; undefined for bytes without one. */
export function unmarkFigure(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly text: string } | undefined {
  const place = placeIn(bytes);
  const found = place?.format.read(bytes, place.at);
  if (!place || !found) return undefined;
  const plain = Buffer.concat([bytes.subarray(0, place.at), bytes.subarray(place.at + found.length)]);
  return { bytes: plain, text: found.text };
}

interface Format {
  /** A text as the format holds it. */
  wrap(text: string): Buffer;
  /** The mark at this place: its length in bytes, and its text. */
  read(bytes: Uint8Array, at: number): { readonly length: number; readonly text: string } | undefined;
}

function placeIn(bytes: Uint8Array): { readonly format: Format; readonly at: number } | undefined {
  if (isPng(bytes)) return { format: PNG, at: PNG_HEAD };
  const at = endOfSvgTag(bytes);
  return at === undefined ? undefined : { format: SVG, at };
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The signature and the header, which has to be the first chunk: 4 bytes of length, 4 of type, 13 of data, 4 of checksum. */
const PNG_HEAD = SIGNATURE.length + 25;
const CHUNK_TYPE = Buffer.from('tEXt');
const CHUNK_START = Buffer.from(`${KEYWORD}\0`);

function isPng(bytes: Uint8Array): boolean {
  return bytes.length > PNG_HEAD && SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

const PNG: Format = {
  wrap(text) {
    const body = Buffer.concat([CHUNK_TYPE, CHUNK_START, Buffer.from(text, 'latin1')]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length - CHUNK_TYPE.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  },
  read(bytes, at) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    if (chunk.length < 12 || !chunk.subarray(4, 8).equals(CHUNK_TYPE)) return undefined;
    if (!chunk.subarray(8, 8 + CHUNK_START.length).equals(CHUNK_START)) return undefined;
    const length = 12 + chunk.readUInt32BE(0);
    if (length > chunk.length) return undefined;
    return { length, text: chunk.toString('latin1', 8 + CHUNK_START.length, length - 4) };
  },
};

/** An SVG's root element begins within this many bytes. */
const SVG_START = 64 * 1024;
/** What may come before the root element, and its start tag. It is read byte by byte, since everything relevant here is ASCII. */
const SVG_TAG =
  /^(?:\xef\xbb\xbf)?(?:\s|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!->))*-->|<!DOCTYPE[^>[]*>)*<svg(?=[\s>])(?:[^"'>]|"[^"]*"|'[^']*')*>/;
const OPENING = `<metadata id="${KEYWORD}">`;
const CLOSING = '</metadata>';

function endOfSvgTag(bytes: Uint8Array): number | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SVG_START)).toString('latin1');
  const tag = SVG_TAG.exec(start)?.[0];
  return tag === undefined || tag.endsWith('/>') ? undefined : tag.length;
}

const SVG: Format = {
  wrap(text) {
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    return Buffer.from(`${OPENING}${escaped}${CLOSING}`, 'latin1');
  },
  read(bytes, at) {
    const rest = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    if (!rest.subarray(0, OPENING.length).equals(Buffer.from(OPENING))) return undefined;
    const end = rest.indexOf(CLOSING);
    if (end < 0) return undefined;
    const escaped = rest.toString('latin1', OPENING.length, end);
    const text = escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    return { length: end + CLOSING.length, text };
  },
};

/** JSON that both formats can hold, whatever the names are. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
