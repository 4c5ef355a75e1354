import type { IncomingMessage } from 'node:http';
import { type JsonObject, parseJsonObject } from '../../../base/json.ts';

/** More than any request of the page has. */
const LARGEST_BODY = 64 * 1024;

/** The JSON object that a request holds, or why it is refused. */
export type Body =
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'refused'; readonly status: 400 | 413 | 415; readonly fact: string };

/** Reads a body to its end or its limit. A form, which a page of others may send, has another type. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { kind: 'refused', status: 415, fact: 'the body has to be application/json' };
  const tooLarge: Body = { kind: 'refused', status: 413, fact: `the body has more than ${LARGEST_BODY} bytes` };
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) return tooLarge;
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > LARGEST_BODY) return tooLarge;
    pieces.push(piece);
  }
  const value = parseJsonObject(Buffer.concat(pieces).toString('utf8'));
  return value ? { kind: 'object', value } : { kind: 'refused', status: 400, fact: 'the body is no JSON object' };
}
