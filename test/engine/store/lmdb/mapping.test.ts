import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { failedAttempt, temporaryFolder, temporaryStore } from '../fixtures.ts';

const TABLE = '/proc/self/maps';

it.skipIf(!existsSync(TABLE))('a file that grows stays in one map, since its pages count in each', async () => {
  const folder = temporaryFolder();
  const store = temporaryStore(folder);
  for (let size = 1; size < 64; size *= 2) {
    const log = 'x'.repeat(65536);
    const failures = Array.from({ length: size }, (_, i) => failedAttempt(`node ${size}/${i}` as NodeId, { log }));
    await store.putFailures('run', failures);
  }
  const file = join(folder, 'data.mdb');
  const maps = readFileSync(TABLE, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(file));
  expect(maps).toHaveLength(1);
});
