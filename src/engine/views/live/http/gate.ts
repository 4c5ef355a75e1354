import { hostname, networkInterfaces } from 'node:os';

/** What is looked at of a request before anything else. */
export interface RequestFacts {
  readonly method: string;
  /** As it was sent. */
  readonly target: string;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
}

/** A request that is refused, whoever sent it. */
export interface Refused {
  readonly status: 400 | 403 | 405 | 413;
  readonly fact: string;
}

/** Each of these decides something, so two of them would let two programs decide differently. */
const SINGLE = ['host', 'origin', 'content-length', 'content-type', 'transfer-encoding', 'sec-fetch-site'];

const LONGEST_TARGET = 8192;

/**
 * Refuses requests that are not for this server by its own name, or come from pages of others. A page anywhere on the web may make the browser of
 * a user send requests to addresses of this machine (cross-site forms), or give this machine a name of its own (DNS rebinding).
 *
 * @param hosts what `Host` may be
 */
export function refusedAtGate(
  { method, target, rawHeaders }: RequestFacts,
  hosts: ReadonlySet<string>,
): Refused | undefined {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[at + 1] as string]);
  }
  const repeated = SINGLE.find((name) => (headers.get(name)?.length ?? 0) > 1);
  if (repeated !== undefined) return { status: 400, fact: `the header ${repeated} is there twice` };
  const one = (name: string) => headers.get(name)?.[0];
  const host = one('host')?.toLowerCase();
  if (host === undefined || !hosts.has(host)) return { status: 403, fact: 'this server has another name' };
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return { status: 405, fact: `there is no ${method} here` };
  // Only a proxy gets a whole address.
  if (!target.startsWith('/') || target.startsWith('//')) return { status: 400, fact: 'the target is no path' };
  if (target.length > LONGEST_TARGET) return { status: 413, fact: 'the address is too long' };
  const origin = one('origin');
  if (origin === undefined ? method === 'POST' : origin.toLowerCase() !== `http://${host}`) {
    return { status: 403, fact: 'the request comes from a page of another server' };
  }
  const site = one('sec-fetch-site');
  const isOfOthers = site !== undefined && site !== 'same-origin' && site !== 'none';
  // A link on a page of others may lead to the page itself, which holds nothing.
  if (isOfOthers && (method === 'POST' || target.startsWith('/api/'))) {
    return { status: 403, fact: 'the request comes from a page of another site' };
  }
  if (method !== 'POST' && (one('transfer-encoding') !== undefined || (one('content-length') ?? '0') !== '0')) {
    return { status: 400, fact: `a ${method} has no body` };
  }
  return undefined;
}

/** What `Host` may be for a server at this address: the names of this machine that lead to it. */
export function hostsOf(address: string, port: number): ReadonlySet<string> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  const others = isAnyAddress(address) ? [...loopback, ...namesOfMachine()] : isLoopback(address) ? loopback : [];
  const names = [hostOf(address), ...others];
  return new Set(
    names.flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]).map((each) => each.toLowerCase()),
  );
}

/** The name by which the browser of this machine reaches a server at this address. */
export function hostOf(address: string): string {
  if (isAnyAddress(address)) return address === '::' ? '[::1]' : '127.0.0.1';
  return bracketed(address);
}

/** Whether only this machine reaches it. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function namesOfMachine(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).map(({ address }) => bracketed(address)),
  );
  return [hostname(), ...addresses];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
