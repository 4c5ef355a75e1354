import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { InspectableStore } from '../../../src/engine/store/inspection.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';

export { commitOf, content, failedAttempt, recordOf } from './commits.ts';

/** A folder that lasts as long as the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store in a folder of its own, closed when the test ends. */
export function temporaryStore(folder = temporaryFolder()): InspectableStore {
  const store = openStore(folder);
  onTestFinished(() => store.close());
  return store;
}
