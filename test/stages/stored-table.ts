import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { tableOf } from '../../stages/support/rows.ts';

/** A table as it comes out of the cache. */
export async function storedTable<Row extends object>(rows: readonly Row[]) {
  return arrow.decode(await arrow.encode(tableOf(rows)));
}
