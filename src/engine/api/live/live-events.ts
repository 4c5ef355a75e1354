import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataHeaders } from '../../views/live/http/replies.ts';
import { liveDelta } from '../../views/live/live-delta.ts';
import { headOf, type RunView, versionIn, versionOf } from '../../views/live/run/run-view.ts';
import type { LiveProject } from './live-project.ts';

const INTERVAL_MS = 250;
/** How often it is looked whether there is a newer run. */
const NEWEST_MS = 1000;
const COMMENT_MS = 15_000;
const LAST_MS = 300;

/** More pages at once get no events. */
const MOST_VIEWERS = 200;

/** A viewer that reads more slowly gets its next event when it has read the earlier ones, with all that has changed until then. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** What a page looks at. */
export interface ViewerRequest {
  /** `last`, `now`, or the id of a run. */
  readonly run: string;
  /** The id of a node. */
  readonly node: string | undefined;
  /** The name of the state that the page has. */
  readonly since: string | undefined;
}

interface Viewer {
  readonly response: ServerResponse;
  readonly view: RunView;
  readonly node: number | undefined;
  /** The version that it has. */
  version: number;
  sentAt: number;
}

/** Tells pages what happens, four times a second at most. Pages that have the same get the same text, which is made once. */
export class LiveEvents {
  private readonly project: LiveProject;
  private readonly viewers = new Set<Viewer>();
  private timer: NodeJS.Timeout | undefined;
  private isBusy = false;
  private newest: { id: string | undefined; at: number } = { id: undefined, at: 0 };

  constructor(project: LiveProject) {
    this.project = project;
  }

  get isFull(): boolean {
    return this.viewers.size >= MOST_VIEWERS;
  }

  async add({ run, node, since }: ViewerRequest, response: ServerResponse): Promise<void> {
    const view = await this.project.view(run);
    const version = since === undefined ? view.states.version : versionIn(since, view);
    response.writeHead(200, { ...dataHeaders('text/event-stream; charset=utf-8'), 'X-Accel-Buffering': 'no' });
    response.write('retry: 1000\n\n');
    const index = node === undefined ? undefined : view.table.indexOf(node);
    const viewer: Viewer = {
      response,
      view,
      node: index,
      version: version ?? Number.POSITIVE_INFINITY,
      sentAt: Date.now(),
    };
    if (response.destroyed) return;
    this.viewers.add(viewer);
    response.on('close', () => this.remove(viewer));
    response.on('error', () => this.remove(viewer));
    this.timer ??= setInterval(() => void this.tick(), INTERVAL_MS);
    await this.findNewest();
    // What the page has missed.
    if (viewer.version !== view.states.version) this.tell([viewer]);
  }

  /** Tells what has happened by now, and gives it time to arrive. */
  async tellLast(): Promise<void> {
    if (this.viewers.size === 0) return;
    await this.tick();
    await sleep(LAST_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const { response } of this.viewers) response.end();
    this.viewers.clear();
  }

  private remove(viewer: Viewer): void {
    this.viewers.delete(viewer);
    if (this.viewers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async tick(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const hasNewest = await this.findNewest();
      const changed = new Set<RunView>();
      for (const view of new Set([...this.viewers].map((viewer) => viewer.view))) {
        if ((await this.project.follow(view)) || hasNewest) changed.add(view);
      }
      this.tell([...this.viewers].filter(({ view, version }) => changed.has(view) || version !== view.states.version));
      this.comment();
    } catch {
      // A cache that cannot be read for a moment: the next request of the page says why.
    } finally {
      this.isBusy = false;
    }
  }

  /** Returns whether the newest run differs from that of the last time. */
  private async findNewest(): Promise<boolean> {
    if (Date.now() - this.newest.at < NEWEST_MS) return false;
    const before = this.newest.id;
    this.newest = { id: (await this.project.newest())?.id, at: Date.now() };
    return before !== this.newest.id;
  }

  private tell(viewers: readonly Viewer[]): void {
    const texts = new Map<RunView, Map<string, string>>();
    for (const viewer of viewers) {
      const { view, response, node, version } = viewer;
      if (response.writableLength > MOST_UNREAD_BYTES) continue;
      const ofView = texts.get(view) ?? new Map<string, string>();
      texts.set(view, ofView);
      const name = `${version} ${node ?? ''}`;
      const text = ofView.get(name) ?? eventText(view, version, node, this.newest.id);
      ofView.set(name, text);
      response.write(text);
      viewer.version = view.states.version;
      viewer.sentAt = Date.now();
    }
  }

  /** So that both sides notice that a connection has ended. */
  private comment(): void {
    for (const viewer of this.viewers) {
      if (Date.now() - viewer.sentAt < COMMENT_MS) continue;
      viewer.response.write(': nothing new\n\n');
      viewer.sentAt = Date.now();
    }
  }
}

function eventText(view: RunView, since: number, node: number | undefined, newest: string | undefined): string {
  const delta = liveDelta(view, since, headOf(view, newest), node);
  const id = versionOf(view);
  return delta === 'reset'
    ? `event: reset\nid: ${id}\ndata: {}\n\n`
    : `event: delta\nid: ${id}\ndata: ${JSON.stringify(delta)}\n\n`;
}
