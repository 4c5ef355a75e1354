import type { Action, ActionDone, Refusal, SessionRequest } from '../../src/engine/views/live/protocol.ts';

/** The server answered with an error, or did not answer. */
export class RequestFailed extends Error {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly fix: string | undefined;

  constructor(status: number, { fact, fix }: Refusal) {
    super(fact);
    this.status = status;
    this.fix = fix;
  }
}

type Parameter = string | number | undefined | readonly string[];
export type Parameters = Readonly<Record<string, Parameter>>;

/** The address of something under `/api/`. Parameters that are undefined are left out. */
export function apiAddress(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const each of typeof value === 'object' ? value : [value]) query.append(name, String(each));
  }
  const text = query.toString();
  return text === '' ? `/api/${path}` : `/api/${path}?${text}`;
}

/** Asks the server for a document of its contract. */
export async function ask<T>(path: string, parameters: Parameters, signal?: AbortSignal): Promise<T> {
  const response = await request(apiAddress(path, parameters), signal ? { signal } : {});
  return (await response.json()) as T;
}

/** Asks the server to do something. */
export async function act(action: Action): Promise<ActionDone> {
  return (await (await post('/api/actions', action)).json()) as ActionDone;
}

/** Exchanges the token of the printed address for a cookie. */
export async function openSession(session: SessionRequest): Promise<void> {
  await post('/api/session', session);
}

/** Opens the stream of events. */
export async function openEvents(parameters: Parameters, since: string, signal: AbortSignal): Promise<Response> {
  return await request(apiAddress('events', { ...parameters, since }), {
    signal,
    headers: { accept: 'text/event-stream', 'last-event-id': since },
    cache: 'no-store',
  });
}

function post(address: string, body: Action | SessionRequest): Promise<Response> {
  return request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function request(address: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'same-origin', ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new RequestFailed(0, { fact: 'The server does not answer.', fix: 'Start `vmfdag ui` again.' });
  }
  if (response.ok) return response;
  throw new RequestFailed(response.status, await refusalOf(response));
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const body = (await response.json()) as Partial<Refusal>;
    if (typeof body.fact === 'string') return { ...body, fact: body.fact };
  } catch {
    // The body of a proxy, or none.
  }
  return { fact: `The server answered with status ${response.status}.` };
}
