import { deferred } from '../base/deferred.ts';
import type { ArtefactDigest, CodeFingerprint } from '../base/digest.ts';
import { Failure } from '../base/failure.ts';
import { type ModuleCode, type StageCode, soundCode } from '../keys/bundle-cache.ts';
import type { Store } from '../store/store.ts';
import type { BlobExchange } from './blob-exchange.ts';
import type { MachineChecks } from './machine-checks.ts';
import type { FromUnit } from './messages.ts';
import { placePackages, type SentPackage } from './package-copies.ts';

type Question = Extract<FromUnit, { type: 'wantCode' | 'wantPackage' }>;

/** Where a unit executes code. */
interface CodePlace {
  readonly root: string;
  readonly cacheDirectory: string;
  readonly checks: MachineChecks;
}

/** Brings the code of stages to a unit, and the linked packages that it reaches: from its cache, or else from the run. Each is asked for once. */
export class CodeSupply {
  private readonly store: Store;
  private readonly exchange: BlobExchange;
  private readonly ask: (question: Question) => void;
  /** Those that are under way: bundles are large, and from then on they are in the cache. */
  private readonly codes = new Map<CodeFingerprint, Promise<StageCode>>();
  private readonly placed = new Map<CodeFingerprint, Promise<void>>();
  /** By content. */
  private readonly directories = new Map<string, Promise<ArtefactDigest | null>>();
  /** What the run has not answered, by what was asked. */
  private readonly codeAnswers = new Map<CodeFingerprint, (code: StageCode | undefined) => void>();
  private readonly packageAnswers = new Map<string, (directory: ArtefactDigest | null) => void>();
  private hasEnded = false;

  /** @param ask asks the run */
  constructor(store: Store, exchange: BlobExchange, ask: (question: Question) => void) {
    this.store = store;
    this.exchange = exchange;
    this.ask = ask;
  }

  /** Whether the run owes an answer. */
  get isAsking(): boolean {
    return this.codeAnswers.size > 0 || this.packageAnswers.size > 0;
  }

  /** @throws {Failure} kind `store` where the run does not have it either */
  code(fingerprint: CodeFingerprint): Promise<StageCode> {
    return once(this.codes, fingerprint, () =>
      this.bringCode(fingerprint).finally(() => this.codes.delete(fingerprint)),
    );
  }

  /** Brings the linked packages of the run that this machine lacks. Others are refused by name. */
  async packages(code: StageCode, place: CodePlace): Promise<void> {
    if (code.kind !== 'module') return;
    await once(this.placed, code.fingerprint, () => this.bringPackages(code, place));
  }

  /** The run has answered with code. */
  takeCode(fingerprint: CodeFingerprint, body: Buffer): void {
    const found: StageCode | null = JSON.parse(body.toString('utf8'));
    this.codeAnswers.get(fingerprint)?.(soundCode(fingerprint, found ?? undefined));
  }

  /** The run has answered with a package, or has none to send. */
  takePackage(content: string, directory: ArtefactDigest | null): void {
    this.packageAnswers.get(content)?.(directory);
  }

  /** Nothing more comes. */
  end(): void {
    this.hasEnded = true;
    for (const answer of this.codeAnswers.values()) answer(undefined);
    for (const answer of this.packageAnswers.values()) answer(null);
  }

  /** Settles when the code is in the cache: workers read it there. */
  private async bringCode(fingerprint: CodeFingerprint): Promise<StageCode> {
    const found = this.store.bundles.code(fingerprint);
    if (found) return found;
    const code = await this.answer(this.codeAnswers, fingerprint, { type: 'wantCode', fingerprint }, undefined);
    if (!code) throw new Failure('store', { fact: 'the code of the stage is not in the cache of the run' });
    await this.store.bundles.put({ code, stamp: undefined, packages: new Map() });
    // The next job finds it there.
    this.store.refresh();
    return code;
  }

  private async bringPackages({ fingerprint, packages }: ModuleCode, { checks, ...place }: CodePlace): Promise<void> {
    const brought: SentPackage[] = [];
    for (const { name, content } of checks.missingPackages(fingerprint, packages)) {
      if (content === null) continue;
      const question = { type: 'wantPackage', fingerprint, content } as const;
      const directory = await once(this.directories, content, () =>
        this.answer(this.packageAnswers, content, question, null),
      );
      if (directory === null) continue;
      await this.exchange.ensure([directory]);
      brought.push({ name, directory });
    }
    if (brought.length > 0) await placePackages(brought, packages, { ...place, fingerprint }, this.store.files);
  }

  /** @param none the answer of a run that does not answer any more */
  private async answer<Name, Answer>(
    answers: Map<Name, (answer: Answer) => void>,
    name: Name,
    question: Question,
    none: Answer,
  ): Promise<Answer> {
    if (this.hasEnded) return none;
    const wanted = deferred<Answer>();
    answers.set(name, wanted.resolve);
    this.ask(question);
    const answer = await wanted.promise;
    answers.delete(name);
    return answer;
  }
}

/** What is under way or done under a name. What has failed is tried again by the next one who needs it. */
function once<Name, Found>(known: Map<Name, Promise<Found>>, name: Name, bring: () => Promise<Found>): Promise<Found> {
  const found = known.get(name);
  if (found) return found;
  const bringing = bring();
  known.set(name, bringing);
  bringing.catch(() => known.delete(name));
  return bringing;
}
