import { verifyCache } from '../../../api/cache/verify-cache.ts';
import { shortDigest } from '../../../base/digest.ts';
import type { Damage } from '../../../store/verify.ts';
import { formatBytes, formatCount } from '../../../views/terminal/format.ts';
import { cacheDirectory } from '../../options/project-options.ts';
import { EXIT } from '../../process/exit-codes.ts';
import { line, printJson } from '../../process/output.ts';
import type { CacheOptions } from './access.ts';

/** `vmfdag cache verify`: hashes everything in the cache, and quarantines what is damaged. Exit code 1 if anything is. */
export async function cacheVerify(options: CacheOptions): Promise<number> {
  const { checked, damage, quarantined } = await verifyCache(cacheDirectory(options));
  const code = damage.length > 0 ? EXIT.failed : EXIT.done;
  if (options.json) {
    printJson({ checked, damage });
    return code;
  }
  for (const found of damage) line(describeDamage(found));
  const { artefacts, bytes, records, bundles } = checked;
  const consequence = quarantined
    ? ' and quarantined; the next run repairs them'
    : '; the cache cannot be written, so they stay where they are';
  line(
    `${formatCount(artefacts, 'artefact')} (${formatBytes(bytes)}), ${formatCount(records, 'record')} and ${formatCount(bundles, 'bundle')} checked: ${
      damage.length === 0 ? 'all sound' : `${damage.length} damaged${consequence}`
    }`,
  );
  return code;
}

/** One line for people. */
function describeDamage(damage: Damage): string {
  switch (damage.kind) {
    case 'artefact': {
      const { digest, bytes, nodes } = damage;
      const [first, ...others] = nodes;
      const whose =
        first === undefined ? 'of no record' : `of ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;
      return `damaged: artefact ${shortDigest(digest)} (${formatBytes(bytes)}) ${whose}`;
    }
    case 'record':
      return `damaged: the record ${shortDigest(damage.key)} cannot be read`;
    case 'trace':
      return damage.node === null
        ? `damaged: the trace ${shortDigest(damage.key)} has no record`
        : `damaged: the trace of ${damage.node} is not what its record says`;
    case 'code':
      return `damaged: the code ${shortDigest(damage.fingerprint)}`;
    case 'entry':
      return `damaged: an entry of the table ${damage.table}`;
  }
}
