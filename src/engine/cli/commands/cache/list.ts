import { shortDigest } from '../../../base/digest.ts';
import { formatBytes, formatCount, formatSeconds, formatTable } from '../../../views/terminal/format.ts';
import { line, printJson } from '../../process/output.ts';
import { type CacheOptions, recordBytes, withCache } from './access.ts';

/** `vmfdag cache ls [TEXT]`: the records, newest last; with a text, those of nodes whose name contains it. */
export function cacheList(text: string | undefined, options: CacheOptions): Promise<number> {
  return withCache(options, (store) => {
    const records = [...store.records()]
      .filter(({ node }) => text === undefined || node.includes(text))
      .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    if (options.json) {
      printJson(records.map(({ log: _log, ...record }) => record));
      return 0;
    }
    const rows = records.map((record) => [
      record.startedAt.slice(0, 19),
      shortDigest(record.key),
      record.node,
      formatSeconds(record.seconds),
      formatBytes(recordBytes(record)),
    ]);
    if (rows.length > 0) line(formatTable([['made', 'key', 'node', 'took', 'size'], ...rows], [3, 4]));
    line(formatCount(records.length, 'record'));
    return 0;
  });
}
