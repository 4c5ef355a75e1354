import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Refusal } from '../protocol.ts';

/** What the page itself may do: use its own files, and talk to its own server. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What an artefact may do that is shown as a document: nothing. It has an origin of its own, and no scripts. */
function artefactPolicy(styles: string): string {
  return `default-src 'none'; style-src ${styles}; img-src data:; font-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox`;
}

const EVERYWHERE: OutgoingHttpHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Headers of the page and of its files. */
export function pageHeaders(type: string): OutgoingHttpHeaders {
  return {
    ...EVERYWHERE,
    'Content-Type': type,
    'Content-Security-Policy': PAGE_POLICY,
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-cache',
  };
}

/** Headers of what the page reads. */
export function dataHeaders(type: string): OutgoingHttpHeaders {
  return {
    ...EVERYWHERE,
    'Content-Type': type,
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
  };
}

/** Headers of an artefact's bytes. @param styles what `style-src` allows */
export function artefactHeaders(type: string, styles = "'unsafe-inline'"): OutgoingHttpHeaders {
  return {
    ...EVERYWHERE,
    'Content-Type': type,
    'Content-Security-Policy': artefactPolicy(styles),
    'X-Frame-Options': 'SAMEORIGIN',
    'Cache-Control': 'no-store',
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers with a value. */
export function replyJson(response: ServerResponse, value: unknown, headers: OutgoingHttpHeaders = {}): void {
  const body = JSON.stringify(value);
  response.writeHead(200, { ...dataHeaders(JSON_TYPE), ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** A request that cannot be answered. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly refusal: Refusal;

  constructor(status: number, refusal: Refusal) {
    super(refusal.fact);
    this.status = status;
    this.refusal = refusal;
  }
}

/** Refuses a request. The connection is closed: what follows on it may be the rest of a request that nobody reads. */
export function refuse(response: ServerResponse, status: number, refusal: Refusal): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(refusal);
  response.writeHead(status, {
    ...dataHeaders(JSON_TYPE),
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.end(body);
}
