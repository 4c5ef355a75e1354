import type { Delta, LiveEvent } from '../../src/engine/views/live/protocol.ts';
import { backOff, EventStreamReader } from './event-stream.ts';
import { openEvents, RequestFailed } from './server.ts';

/** Whether the page hears of what happens. */
export type Connection = 'connecting' | 'open' | 'away' | 'refused';

interface Listener {
  onEvent(event: LiveEvent): void;
  onConnection(connection: Connection): void;
}

/** What is listened to: a run, and perhaps a node with its metrics and its log. */
interface Subject {
  readonly run: string;
  readonly node?: string | undefined;
}

/** A page that nobody sees listens no longer: a browser has six connections to a server, for all of its pages. */
const HIDDEN_MS = 5000;

/** No comment of the server for so long: the connection is dead, whatever the network says. */
const SILENCE_MS = 45_000;

/** The stream of events of a run. It connects again after a loss, from where it was. */
export class LiveFeed {
  private readonly listener: Listener;
  private subject: Subject = { run: 'last' };
  private since = '';
  private failures = 0;
  private connected: AbortController | undefined;
  private retry: number | undefined;
  private hiding: number | undefined;
  private isPaused = false;

  constructor(listener: Listener) {
    this.listener = listener;
    window.addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => {
      window.clearTimeout(this.hiding);
      if (document.visibilityState === 'visible') this.hurry();
      else if (this.connected) this.hiding = window.setTimeout(() => this.pause(), HIDDEN_MS);
    });
  }

  /** Listens to a subject from a version of its state on. */
  listen(subject: Subject, since = this.since): void {
    this.subject = subject;
    this.since = since;
    this.failures = 0;
    this.connect();
  }

  stop(): void {
    this.isPaused = false;
    window.clearTimeout(this.retry);
    this.connected?.abort();
    this.connected = undefined;
  }

  private pause(): void {
    this.stop();
    this.isPaused = true;
  }

  /** The reader or the network is back: no need to wait for the next try. */
  private hurry(): void {
    if (document.visibilityState !== 'visible' || (this.failures === 0 && !this.isPaused)) return;
    this.isPaused = false;
    this.failures = 0;
    this.connect();
  }

  private connect(): void {
    this.stop();
    const controller = new AbortController();
    this.connected = controller;
    this.listener.onConnection('connecting');
    this.read(controller).catch((error: unknown) => {
      if (this.connected !== controller) return;
      if (error instanceof RequestFailed && error.status >= 400 && error.status < 500) {
        this.listener.onConnection('refused');
        return;
      }
      this.listener.onConnection('away');
      this.retry = window.setTimeout(() => this.connect(), backOff(this.failures++, Math.random()));
    });
  }

  /** Ends only by an error: a server that closes the stream is one that went away. */
  private async read(controller: AbortController): Promise<never> {
    const response = await openEvents({ ...this.subject }, this.since, controller.signal);
    if (!response.body) throw new Error('no body');
    const reader = new EventStreamReader();
    const decoder = new TextDecoder();
    const body = response.body.getReader();
    this.listener.onConnection('open');
    for (;;) {
      const timer = window.setTimeout(() => controller.abort(), SILENCE_MS);
      const { done, value } = await body.read().finally(() => window.clearTimeout(timer));
      if (done) throw new Error('the stream has ended');
      this.failures = 0;
      for (const event of reader.read(decoder.decode(value, { stream: true }))) {
        if (this.connected !== controller) continue;
        if (event.id !== undefined) this.since = event.id;
        if (event.type === 'delta') this.listener.onEvent({ event: 'delta', data: JSON.parse(event.data) as Delta });
        if (event.type === 'reset') this.listener.onEvent({ event: 'reset', data: {} });
      }
    }
  }
}
