import { type Deferred, deferred } from '../base/deferred.ts';
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
  private readonly codes = new Map<CodeFingerprint, Deferred<StageCode | undefined>>();
  private readonly placed = new Map<CodeFingerprint, Promise<void>>();
  /** By content. */
  private readonly directories = new Map<string, Deferred<ArtefactDigest | null>>();

  /** @param ask asks the run */
  constructor(store: Store, exchange: BlobExchange, ask: (question: Question) => void) {
    this.store = store;
    this.exchange = exchange;
    this.ask = ask;
  }

  /** @throws {Failure} kind `store` where the run does not have it either */
  async code(fingerprint: CodeFingerprint): Promise<StageCode> {
    const found = this.store.bundles.code(fingerprint);
    if (found) return found;
    const asked = this.codes.get(fingerprint);
    if (asked) return sent(await asked.promise);
    const wanted = deferred<StageCode | undefined>();
    this.codes.set(fingerprint, wanted);
    this.ask({ type: 'wantCode', fingerprint });
    try {
      const code = sent(await wanted.promise);
      await this.store.bundles.put({ code, stamp: undefined, packages: new Map() });
      // The next job finds it there.
      this.store.refresh();
      return code;
    } finally {
      this.codes.delete(fingerprint);
    }
  }

  /** Brings the linked packages of the run that this machine lacks. Others are refused by name. */
  async packages(code: StageCode, place: CodePlace): Promise<void> {
    if (code.kind !== 'module') return;
    const bringing = this.placed.get(code.fingerprint) ?? this.bring(code, place);
    this.placed.set(code.fingerprint, bringing);
    await bringing;
  }

  /** The run has answered with code. */
  takeCode(fingerprint: CodeFingerprint, body: Buffer): void {
    const found: StageCode | null = JSON.parse(body.toString('utf8'));
    this.codes.get(fingerprint)?.resolve(soundCode(fingerprint, found ?? undefined));
  }

  /** The run has answered with a package, or has none to send. */
  takePackage(content: string, directory: ArtefactDigest | null): void {
    this.directories.get(content)?.resolve(directory);
  }

  /** Nothing more comes. */
  end(): void {
    for (const { resolve } of this.codes.values()) resolve(undefined);
    for (const { resolve } of this.directories.values()) resolve(null);
  }

  private async bring({ fingerprint, packages }: ModuleCode, { checks, ...place }: CodePlace): Promise<void> {
    const brought: SentPackage[] = [];
    for (const { name, content } of checks.missingPackages(fingerprint, packages)) {
      if (content === null) continue;
      const directory = await this.directory(fingerprint, content);
      if (directory === null) continue;
      await this.exchange.ensure([directory]);
      brought.push({ name, directory });
    }
    if (brought.length > 0) await placePackages(brought, packages, { ...place, fingerprint }, this.store.files);
  }

  private directory(fingerprint: CodeFingerprint, content: string): Promise<ArtefactDigest | null> {
    const known = this.directories.get(content);
    if (known) return known.promise;
    const wanted = deferred<ArtefactDigest | null>();
    this.directories.set(content, wanted);
    this.ask({ type: 'wantPackage', fingerprint, content });
    return wanted.promise;
  }
}

function sent(code: StageCode | undefined): StageCode {
  if (code) return code;
  throw new Failure('store', { fact: 'the code of the stage is not in the cache of the run' });
}
