import { findGarbage, type Garbage, removeGarbage, secondsToMake } from '../../../api/cache/collect-garbage.ts';
import type { Evicted } from '../../../store/collection.ts';
import type { InspectableStore } from '../../../store/inspection.ts';
import { formatBytes, formatCount, formatSeconds } from '../../../views/terminal/format.ts';
import { openProject } from '../../options/project-options.ts';
import { alone } from '../../process/alone.ts';
import { confirm } from '../../process/confirm.ts';
import { EXIT } from '../../process/exit-codes.ts';
import { errorLine, line, printJson } from '../../process/output.ts';
import { type CacheOptions, withCache } from './access.ts';

export interface GarbageOptions extends CacheOptions {
  /** Of artefacts, in bytes. */
  readonly maxSize?: number;
  readonly keepRuns: number;
  /** Whether the last runs of other profiles, `--set`, targets and pipeline files keep their results. */
  readonly keepOthers: boolean;
  readonly dryRun?: boolean;
  /** Asks nothing. */
  readonly yes?: boolean;
}

/** `vmfdag cache gc`: removes what nothing refers to, then what is cheapest to restore. */
export function cacheGarbage(options: GarbageOptions): Promise<number> {
  const project = openProject(options);
  const find = (store: InspectableStore) =>
    findGarbage(project, store, {
      keepRuns: options.keepRuns,
      keepOthers: options.keepOthers,
      maxBytes: options.maxSize,
    });
  const tell = (garbage: Garbage) => {
    if (options.json) printJson(garbageJson(garbage));
    else for (const text of garbageLines(garbage, options)) line(text);
    return EXIT.done;
  };
  if (options.dryRun) return withCache(options, async (store) => tell(await find(store)));
  const collect = async (store: InspectableStore) => {
    const garbage = await find(store);
    if (!options.yes && !(await isWanted(garbage))) {
      errorLine('nothing was removed');
      return EXIT.failed;
    }
    await removeGarbage(store, garbage);
    return tell(garbage);
  };
  return alone(project.cacheDirectory, collect, { makesRoom: true });
}

/** Seconds of work that are removed without a question. What "retain" evicts does not count: each run evicts it too. */
const UNASKED_SECONDS = 3600;

async function isWanted({ collection: { unreachable, evicted } }: Garbage): Promise<boolean> {
  const seconds = unreachable.seconds + secondsToMake(evicted);
  if (seconds <= UNASKED_SECONDS) return true;
  return confirm(
    `this removes results that took ${formatSeconds(seconds)} to compute`,
    'see what they are with --dry-run; remove them with --yes, or keep some of them with "vmfdag cache pin"',
  );
}

function garbageLines({ collection, leftovers }: Garbage, { dryRun, maxSize }: GarbageOptions): readonly string[] {
  const { unreachable, temporary, evicted, bytesBefore, bytesAfter } = collection;
  const lines: string[] = [];
  if (leftovers.files > 0) {
    lines.push(`left by killed runs: ${formatCount(leftovers.files, 'file')}, ${formatBytes(leftovers.bytes)}`);
  }
  if (unreachable.keys.length + unreachable.artefacts.length > 0) {
    lines.push(
      `unreachable: ${formatCount(unreachable.keys.length, 'record')}, ${formatCount(unreachable.artefacts.length, 'artefact')}, ${formatBytes(unreachable.bytes)}; they took ${formatSeconds(unreachable.seconds)}`,
    );
  }
  if (temporary.length > 0) lines.push(`evicted by retain: ${evictedText(temporary)}`);
  for (const [stage, group] of byStage(evicted)) lines.push(`to get under the limit: ${stage}: ${evictedText(group)}`);
  const freed = formatBytes(bytesBefore - bytesAfter);
  lines.push(
    dryRun
      ? `would free ${freed} of ${formatBytes(bytesBefore)}; nothing was removed`
      : `freed ${freed}; ${formatBytes(bytesAfter)} stay. "vmfdag cache compact" gives the space back to the disk`,
  );
  if (maxSize !== undefined && bytesAfter > maxSize) {
    lines.push(`${formatBytes(bytesAfter)} are more than the limit: what targets publish is never removed`);
  }
  return lines;
}

function evictedText(evicted: readonly Evicted[]): string {
  const bytes = evicted.reduce((sum, each) => sum + each.bytes, 0);
  return `${formatCount(evicted.length, 'artefact')}, ${formatBytes(bytes)}; restoring them takes ${formatSeconds(secondsToMake(evicted))}`;
}

function byStage(evicted: readonly Evicted[]): ReadonlyMap<string, readonly Evicted[]> {
  const stages = new Map<string, Evicted[]>();
  for (const each of evicted) {
    const group = stages.get(each.stage);
    if (group) group.push(each);
    else stages.set(each.stage, [each]);
  }
  return stages;
}

function garbageJson({ collection, code, leftovers }: Garbage): object {
  const { unreachable, temporary, evicted, bytesBefore, bytesAfter } = collection;
  return {
    unreachable,
    temporary,
    evicted,
    secondsToRestore: secondsToMake(evicted),
    code,
    leftovers,
    bytesBefore,
    bytesAfter,
  };
}
