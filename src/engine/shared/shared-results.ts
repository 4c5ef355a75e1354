import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import PQueue from 'p-queue';
import type { ArtefactDigest, NodeKey } from '../base/digest.ts';
import { isFailure } from '../base/failure.ts';
import { FileStates } from '../keys/file-states.ts';
import { softwareChanges } from '../keys/software/software-changes.ts';
import type { Subject } from '../staleness/subjects.ts';
import type { Purpose } from '../staleness/work.ts';
import { outputDigests } from '../store/output-order.ts';
import type { NodeRecord, Store } from '../store/store.ts';
import { blobsOf, type Content, fetchOutput, fetchOutputs, releaseAll, type SharedArtefact } from './node-bytes.ts';
import type { FoundResult, PublishOutcome, SharedCache } from './shared-cache.ts';

/** Nodes that are fetched or published at once. */
const NODES = 16;

/** What was found of a node, and is in the store now. */
export interface FetchedNode {
  readonly outputs: readonly ArtefactDigest[];
  /** That it took to make. */
  readonly seconds: number;
  /** That came over. */
  readonly bytes: number;
}

/** How many nodes were published, by how it ended. */
export type PublishCounts = Readonly<Record<PublishOutcome, number>>;

export interface Published {
  readonly counts: PublishCounts;
  readonly left: number;
}

/** Takes results from the shared cache into the store, and publishes those of the store. */
export class SharedResults {
  readonly cache: SharedCache;
  private readonly store: Store;
  private readonly mayWrite: boolean;
  private readonly states = new FileStates();
  private readonly fetches = new PQueue({ concurrency: NODES });
  private readonly publications = new PQueue({ concurrency: NODES });
  private readonly counts = { published: 0, there: 0, 'other bytes': 0, failed: 0 };

  constructor(cache: SharedCache, store: Store, mayWrite: boolean) {
    this.cache = cache;
    this.store = store;
    this.mayWrite = mayWrite;
  }

  /** Looks for the result of a stale node, or for the bytes of one that is up to date. */
  async find(subject: Subject, purpose: Purpose): Promise<FetchedNode | undefined> {
    if (!this.cache.isOpen('read')) return undefined;
    if (purpose.kind === 'record') return this.findResult(subject);
    return purpose.kind === 'restore' ? this.fetches.add(() => this.fetchBytes(subject.key)) : undefined;
  }

  /** Brings artefacts into the store, as far as they are in the shared cache. */
  async take(artefacts: readonly SharedArtefact[]): Promise<void> {
    if (!this.cache.isOpen('read')) return;
    await Promise.all(artefacts.map((artefact) => this.fetches.add(() => this.takeOne(artefact))));
  }

  /** Publishes a node of the store some time later, if this may be done. @returns how it ended; it may never settle */
  async publishSoon(key: NodeKey): Promise<PublishOutcome> {
    return this.mayWrite ? this.publications.add(() => this.publish(key)) : 'failed';
  }

  /**
   * Waits until all is published.
   * @param patienceMs at most so long
   * @returns how it ended, and how many nodes have not been published
   */
  async finish(patienceMs?: number): Promise<Published> {
    const left = () => this.publications.size + this.publications.pending;
    const all = this.publications.onIdle();
    if (patienceMs === undefined) await all;
    else if (left() > 0) await Promise.race([all, wait(patienceMs, undefined, { ref: false })]);
    const ended = { counts: { ...this.counts }, left: left() };
    this.publications.clear();
    return ended;
  }

  close(): void {
    this.cache.close();
  }

  private async findResult(subject: Subject): Promise<FetchedNode | undefined> {
    const found = await this.cache.lookUp(subject.key);
    if (!found || !this.isUsable(found, subject)) return undefined;
    const { record, metrics, software, artefacts } = found;
    await this.store.commit({ record, artefacts, metrics, ...(software ? { software } : {}) });
    this.store.refresh();
    return fetchedNode(record, artefacts);
  }

  /** What a command has used of the machine is in no key, so it has to be here too. */
  private isUsable({ record, software }: FoundResult, { node }: Subject): boolean {
    const types = Object.fromEntries(Object.entries(record.outputs).map(([name, { type }]) => [name, type]));
    if (!isDeepStrictEqual(types, { ...node.stage.outputs }) || record.stage !== node.stage.name) return false;
    return software === undefined || softwareChanges(software, this.states).length === 0;
  }

  private async fetchBytes(key: NodeKey): Promise<FetchedNode | undefined> {
    const record = this.store.record(key);
    const artefacts = record && (await fetchOutputs(record, new Map(), this.cache, this.store));
    if (!artefacts) return undefined;
    try {
      await this.store.restore({ record, artefacts, metrics: this.store.metrics(key) });
    } catch (error) {
      await releaseAll(artefacts, this.store);
      throw error;
    }
    this.store.refresh();
    return fetchedNode(record, artefacts);
  }

  private async takeOne(artefact: SharedArtefact): Promise<void> {
    const { digest } = artefact;
    if (this.store.hasArtefact(digest)) return;
    const content = await fetchOutput(artefact, this.cache, this.store);
    if (content === undefined) return;
    const fetched = new Map([[digest, content]]);
    try {
      await this.store.receive(fetched);
      this.store.refresh();
    } finally {
      await releaseAll(fetched, this.store);
    }
  }

  private async publish(key: NodeKey): Promise<PublishOutcome> {
    const outcome = await this.publishNow(key);
    this.counts[outcome]++;
    return outcome;
  }

  private async publishNow(key: NodeKey): Promise<PublishOutcome> {
    const { store } = this;
    if (!this.cache.isOpen('write')) return 'failed';
    const record = store.record(key);
    if (!record) return 'failed';
    const software = record.software === undefined ? undefined : store.software(record.software);
    // Nobody could tell whether it holds elsewhere.
    if (record.software !== undefined && !software) return 'failed';
    const outputs = Object.entries(record.outputs)
      .filter(([, { digest }]) => store.hasArtefact(digest))
      .map(([name, output]) => ({ name, blobs: blobsOf(name, output, store) }));
    const publication = { record, metrics: store.metrics(key), outputs, ...(software ? { software } : {}) };
    try {
      return await this.cache.publish(publication, () => store.files.newPath());
    } catch (error) {
      // Bytes that were evicted meanwhile, or damaged: the run itself will find out.
      if (isFailure(error)) return 'failed';
      throw error;
    }
  }
}

function fetchedNode(record: NodeRecord, artefacts: ReadonlyMap<ArtefactDigest, Content>): FetchedNode {
  let bytes = 0;
  for (const content of artefacts.values()) bytes += 'kind' in content ? content.bytes : content.length;
  return { outputs: outputDigests(record), seconds: record.seconds, bytes };
}
