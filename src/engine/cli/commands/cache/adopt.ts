import { randomInt } from 'node:crypto';
import { type Adoption, beginAdoption, describeIdentity } from '../../../api/cache/adopt-traces.ts';
import { defaultJobs } from '../../../api/run/execution.ts';
import type { Store } from '../../../store/store.ts';
import { plainLines } from '../../../views/terminal/event-lines.ts';
import { formatCount } from '../../../views/terminal/format.ts';
import { openProject } from '../../options/project-options.ts';
import { alone } from '../../process/alone.ts';
import { EXIT } from '../../process/exit-codes.ts';
import { line, printJson } from '../../process/output.ts';
import type { CacheOptions } from './access.ts';

export interface AdoptOptions extends CacheOptions {
  /** The program that worker processes run. */
  readonly workerFile: string;
  readonly audit: number;
  readonly seed?: number;
  readonly target?: readonly string[];
  readonly jobs?: number;
}

/** `vmfdag cache adopt --audit N`: adopts results of an earlier engine or compute identity, if N nodes give the same bytes under the present one. */
export function cacheAdopt(options: AdoptOptions): Promise<number> {
  const project = openProject(options);
  const seed = options.seed ?? randomInt(1, 1e9);
  const adopt = async (store: Store, lease: string) => {
    const running = await beginAdoption(project, store, {
      count: options.audit,
      seed,
      targets: options.target ?? [],
      jobs: options.jobs ?? defaultJobs(),
      workerFile: options.workerFile,
      lease,
      command: process.argv.slice(2),
      listener: options.json ? () => {} : plainLines(line),
    });
    const onInterrupt = () => running.interrupt();
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onInterrupt);
    try {
      const adoption = await running.ended;
      if (options.json) printJson(adoptionJson(adoption, seed));
      else line(adoptionLine(adoption, seed));
      return exitCodeOf(adoption);
    } finally {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
    }
  };
  return alone(project.cacheDirectory, adopt, { makesRoom: true });
}

function exitCodeOf({ kind }: Adoption): number {
  if (kind === 'interrupted') return EXIT.interrupted;
  return kind === 'refused' ? EXIT.failed : EXIT.done;
}

function adoptionLine(adoption: Adoption, seed: number): string {
  if (adoption.kind === 'nothing') return 'nothing to adopt: no node is stale for its engine or backend alone';
  const { audited, failed, adoptable } = adoption;
  const nodes = formatCount(adoptable.length, 'node');
  switch (adoption.kind) {
    case 'adopted': {
      const identities = [...new Set(adoptable.map(({ identity }) => describeIdentity(identity)))].join('; ');
      return `${nodes} adopted from ${identities}: ${formatCount(audited.length, 'node')} gave the same bytes (--seed ${seed})`;
    }
    case 'refused':
      return `nothing was adopted of ${nodes}: ${failed.join(', ')} failed or gave other bytes (--seed ${seed})`;
    case 'interrupted':
      return 'interrupted: nothing was adopted';
  }
}

function adoptionJson(adoption: Adoption, seed: number): object {
  if (adoption.kind === 'nothing') return { outcome: 'nothing', seed, run: null, audited: [], failed: [], nodes: [] };
  const { kind, run, audited, failed, adoptable } = adoption;
  const nodes = adoptable.map(({ node, key, from, identity }) => ({ node: node.id, key, from, ...identity }));
  return { outcome: kind, seed, run, audited, failed, nodes };
}
