import { type Deferred, deferred } from '../../base/deferred.ts';
import type { Store } from '../../store/store.ts';
import { withStore } from '../cache/open-cache.ts';

/** A cache that nobody looks at for so long is closed. */
const IDLE_MS = 10_000;

interface Held {
  readonly store: Store;
  readonly end: Deferred<void>;
  readonly closed: Promise<void>;
}

/** Keeps a cache open from one request to the next, as a reader. A compacted one is opened again. */
export class HeldCache {
  private readonly directory: string;
  private held: Promise<Held> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private users = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The store shows what other processes have committed by now. */
  async use<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
    clearTimeout(this.timer);
    this.users++;
    try {
      const { store } = await this.open();
      store.refresh();
      return await use(store);
    } finally {
      this.users--;
      if (this.users === 0) this.timer = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    const held = await this.held?.catch(() => undefined);
    this.held = undefined;
    held?.end.resolve();
    await held?.closed;
  }

  private async open(): Promise<Held> {
    const known = await this.held;
    if (known?.store.isCurrent()) return known;
    known?.end.resolve();
    this.held = hold(this.directory);
    this.held.catch(() => {
      this.held = undefined;
    });
    return this.held;
  }
}

function hold(directory: string): Promise<Held> {
  return new Promise((resolve, reject) => {
    const end = deferred<void>();
    const closed = withStore(directory, async (store) => {
      // After this turn: `closed` is there then.
      await undefined;
      resolve({ store, end, closed });
      await end.promise;
    }).catch(reject);
  });
}
