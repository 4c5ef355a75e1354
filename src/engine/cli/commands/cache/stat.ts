import { formatBytes, formatCount, formatSeconds, formatTable } from '../../../views/terminal/format.ts';
import { line, printJson } from '../../process/output.ts';
import { type CacheOptions, withCache } from './access.ts';

interface StageStatistics {
  records: number;
  /** Artefacts of those records that are in the cache, and those that are not: evicted or quarantined. */
  artefacts: number;
  evicted: number;
  bytes: number;
  /** Seconds that all of it took. */
  seconds: number;
}

/** `vmfdag cache stat`: what the cache holds, by stage. An artefact of several nodes counts once, for the first of them. */
export function cacheStatistics(options: CacheOptions): Promise<number> {
  return withCache(options, (store) => {
    const sizes = new Map([...store.inspection.artefacts()].map(({ digest, bytes }) => [digest, bytes]));
    const stages = new Map<string, StageStatistics>();
    for (const record of store.records()) {
      const stage = stages.get(record.stage) ?? { records: 0, artefacts: 0, evicted: 0, bytes: 0, seconds: 0 };
      stages.set(record.stage, stage);
      stage.records++;
      stage.seconds += record.seconds;
      for (const { digest } of Object.values(record.outputs)) {
        if (!store.hasArtefact(digest)) {
          stage.evicted++;
          continue;
        }
        stage.artefacts++;
        stage.bytes += sizes.get(digest) ?? 0;
        sizes.delete(digest);
      }
    }
    const orphans = { artefacts: sizes.size, bytes: sum(sizes.values()) };
    const quarantined = [...store.inspection.quarantined()];
    const aside = { artefacts: quarantined.length, bytes: sum(quarantined.map(({ bytes }) => bytes)) };
    const totals = store.statistics();
    if (options.json) {
      printJson({ ...totals, stages: Object.fromEntries(stages), withoutRecord: orphans, quarantined: aside });
      return 0;
    }
    const rows = [...stages].map(([name, { records, artefacts, evicted, bytes, seconds }]) => [
      name,
      String(records),
      String(artefacts),
      String(evicted),
      formatBytes(bytes),
      formatSeconds(seconds),
    ]);
    line(formatTable([['stage', 'records', 'artefacts', 'evicted', 'size', 'time stored'], ...rows], [1, 2, 3, 4, 5]));
    if (orphans.artefacts > 0)
      line(`${formatCount(orphans.artefacts, 'artefact')} of no record, ${formatBytes(orphans.bytes)}`);
    if (aside.artefacts > 0)
      line(`${formatCount(aside.artefacts, 'damaged artefact')} quarantined, ${formatBytes(aside.bytes)}`);
    const { artefacts, records, runs, databaseBytes, blobBytes } = totals;
    line(
      `${formatCount(artefacts, 'artefact')}, ${formatCount(records, 'record')}, ${formatCount(runs, 'run')}, ${formatBytes(databaseBytes + blobBytes)} on disk`,
    );
    return 0;
  });
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
