import type { Delta, Overview } from '../../src/engine/views/live/protocol.ts';
import { type Connection, LiveFeed } from './live-feed.ts';
import { mergeOverview } from './merge.ts';
import { ask, RequestFailed } from './server.ts';

/** What all views share. */
export interface LiveState {
  readonly overview: Overview | undefined;
  readonly connection: Connection;
  readonly problem: RequestFailed | undefined;
  /** Grows when everything has to be loaded again: a newer run, or too much was missed. */
  readonly generation: number;
}

/** The overview of a run, kept current by its events. Views that hold more of the run listen to its deltas. */
export class LiveStore {
  state: LiveState = { overview: undefined, connection: 'connecting', problem: undefined, generation: 0 };
  private readonly watchers = new Set<() => void>();
  private readonly deltaListeners = new Set<(delta: Delta) => void>();
  private readonly feed: LiveFeed;
  private run = '';
  private node: string | undefined;
  private loading: AbortController | undefined;

  constructor() {
    this.feed = new LiveFeed({
      onConnection: (connection) => this.change({ connection }),
      onEvent: (event) => {
        if (event.event === 'reset') this.load();
        else this.take(event.data);
      },
    });
  }

  /** Shows a run, and listens to one of its nodes in particular. Nothing happens if that is so already. */
  show(run: string, node: string | undefined): void {
    if (run !== this.run) {
      this.run = run;
      this.node = node;
      this.load();
    } else if (node !== this.node) {
      this.node = node;
      // While the overview is loaded, `load` listens when it is there.
      if (this.state.overview) this.feed.listen({ run, node });
    }
  }

  /** Loads the run again, and has all views do so. */
  load(): void {
    this.loading?.abort();
    const controller = new AbortController();
    this.loading = controller;
    ask<Overview>('overview', { run: this.run }, controller.signal).then(
      (overview) => {
        if (this.loading !== controller) return;
        this.change({ overview, problem: undefined, generation: this.state.generation + 1 });
        this.feed.listen({ run: this.run, node: this.node }, overview.versionId);
      },
      (error: unknown) => {
        if (this.loading !== controller) return;
        this.feed.stop();
        if (!(error instanceof RequestFailed)) throw error;
        this.change({ problem: error });
        // Without a server there is nothing to listen to; it may come back.
        if (error.status === 0) window.setTimeout(() => this.loading === controller && this.load(), 3000);
      },
    );
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  onDelta(listener: (delta: Delta) => void): () => void {
    this.deltaListeners.add(listener);
    return () => this.deltaListeners.delete(listener);
  }

  private take(delta: Delta): void {
    const { overview } = this.state;
    if (!overview) return;
    if (this.run === 'last' && delta.head.newest !== null && delta.head.newest !== delta.head.run) {
      this.load();
      return;
    }
    const hasEnded = overview.head.state === 'running' && delta.head.state !== 'running';
    this.change({ overview: mergeOverview(overview, delta) });
    for (const listener of this.deltaListeners) listener(delta);
    // The critical path and what the end of a run makes known come with the overview.
    if (hasEnded) this.refresh();
  }

  private refresh(): void {
    const { run } = this;
    ask<Overview>('overview', { run }).then(
      (overview) => run === this.run && this.change({ overview }),
      () => undefined,
    );
  }

  private change(part: Partial<LiveState>): void {
    this.state = { ...this.state, ...part };
    for (const watcher of this.watchers) watcher();
  }
}
