import { get, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Delta, LiveEvent, Overview } from '../../../src/engine/views/live/protocol.ts';
import type { Ended, Running, SpawnOptions } from './command-line.ts';
import type { Project } from './project.ts';

/** What a server has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Starts `vmfdag ui`. The address has the token. */
export async function serve(
  project: Project,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): Promise<{ readonly running: Running; readonly address: string; readonly port: number }> {
  const running = project.start(['ui', '--no-open', '--json', '--port', '0', ...args], options);
  const isThere = await running.until((each) => each.outputText().trimEnd().endsWith('}'));
  if (!isThere) throw new Error(`vmfdag ui ended: ${running.errorText()}`);
  const { address, port } = JSON.parse(running.outputText()) as { address: string; port: number };
  return { running, address, port };
}

/** A running `vmfdag ui`, and a browser that is logged in. */
export class LivePage {
  readonly running: Running;
  readonly address: string;
  readonly port: number;
  readonly token: string;
  cookie = '';

  private constructor(running: Running, { address, port }: { address: string; port: number }) {
    this.running = running;
    this.address = address;
    this.port = port;
    this.token = address.slice(address.indexOf('#token=') + '#token='.length);
  }

  static async open(project: Project, options: SpawnOptions = {}, args: readonly string[] = []): Promise<LivePage> {
    const server = await serve(project, args, options);
    const page = new LivePage(server.running, server);
    await page.logIn();
    return page;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async logIn(): Promise<void> {
    const body = JSON.stringify({ token: this.token });
    const { status, headers } = await this.ask('/api/session', { method: 'POST', body, headers: this.jsonHeaders() });
    if (status !== 204) throw new Error(`cannot log in: ${status}`);
    this.cookie = String(headers['set-cookie']?.[0]).split(';')[0] as string;
  }

  /** A request as it is given, without a cookie. */
  ask(path: string, { method = 'GET', headers = {}, body }: AskOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** A request of the page. */
  asPage(path: string, options: AskOptions = {}): Promise<Answer> {
    return this.ask(path, { ...options, headers: { cookie: this.cookie, ...options.headers } });
  }

  /** What the page reads. Throws where it is refused. */
  async read<T>(path: string): Promise<T> {
    const { status, text } = await this.asPage(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  act(action: Action): Promise<Answer> {
    return this.asPage('/api/actions', { method: 'POST', headers: this.jsonHeaders(), body: JSON.stringify(action) });
  }

  /** Listens to events until the condition holds for one of them. Returns all. */
  async events(
    query: string,
    isEnough: (event: ReceivedEvent) => boolean,
    lastEventId?: string,
  ): Promise<readonly ReceivedEvent[]> {
    const headers = { cookie: this.cookie, ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) };
    return new Promise((resolve, reject) => {
      const received: ReceivedEvent[] = [];
      const sent = get({ host: '127.0.0.1', port: this.port, path: `/api/events?${query}`, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`no events: ${response.statusCode}`));
        let rest = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          const parts = (rest + piece).split('\n\n');
          rest = parts.pop() ?? '';
          for (const event of parts.flatMap((part) => parsed(part) ?? [])) {
            received.push(event);
            if (!isEnough(event)) continue;
            sent.destroy();
            resolve(received);
            return;
          }
        });
        response.on('close', () => resolve(received));
      });
      sent.on('error', reject);
    });
  }

  /** Reads the overview until it is as expected. */
  async until(condition: (overview: Overview) => boolean, query = ''): Promise<Overview> {
    for (;;) {
      const overview = await this.read<Overview>(`/api/overview${query}`);
      if (condition(overview)) return overview;
      await sleep(100);
    }
  }

  async close(): Promise<Ended> {
    this.running.signal('SIGINT');
    return this.running.ended;
  }

  jsonHeaders(): Readonly<Record<string, string>> {
    return { origin: this.origin, 'content-type': 'application/json' };
  }
}

export type ReceivedEvent = LiveEvent & { readonly id: string; readonly at: number };

function parsed(part: string): ReceivedEvent | undefined {
  const field = (name: string) =>
    part
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const [event, id, data] = [field('event'), field('id'), field('data')];
  return event === undefined
    ? undefined
    : ({ event, id, data: JSON.parse(data ?? '{}'), at: Date.now() } as ReceivedEvent);
}

/** The data of an event that is no reset. */
export function deltaOf(event: ReceivedEvent): Delta | undefined {
  return event.event === 'delta' ? event.data : undefined;
}
