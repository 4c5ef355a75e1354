import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codeFile } from '../../../../../src/engine/keys/code-file.ts';
import type { NodeId } from '../../../../../src/engine/plan/plan.ts';
import type { ArtefactFiles } from '../../../../../src/engine/store/artefact-files.ts';
import type { Job } from '../../../../../src/engine/workers/protocol.ts';
import { makeCommandFolder, PARAMS_FILE } from '../../../../../src/engine/workers/worker/command/command-folder.ts';
import { FolderPool } from '../../../../../src/engine/workers/worker/command/folder-pool.ts';
import { NodeFiles } from '../../../../../src/engine/workers/worker/node-files.ts';
import { temporaryFolder } from '../../../../e2e/support/folders.ts';
import { mayMount, smallDisk } from '../../../../e2e/support/privileges.ts';

/** Makes the folder of a command below a place, with a file of its code. */
function madeIn(place: string) {
  let count = 0;
  const newPath = () => join(place, String(count++));
  const job = { node: 'a/1' as NodeId, stage: 'a', params: {}, coordinates: {}, inputs: [] } as unknown as Job;
  const files = new NodeFiles({ newPath } as unknown as ArtefactFiles, job);
  const code = codeFile('run.sh', true, Buffer.from('true'));
  const made = makeCommandFolder(files, new FolderPool(newPath, PARAMS_FILE), [code], job, { inputs: {}, outputs: {} });
  return { made, newFolder: () => files.newFolder() };
}

it.skipIf(!mayMount())(
  'a full disk is the cause where the folder of a command cannot be made, and no stage',
  async () => {
    const { folder } = smallDisk('64k');
    mkdirSync(join(folder, 'work'));
    try {
      writeFileSync(join(folder, 'other'), Buffer.alloc(1e6));
    } catch {
      // Now it is full.
    }
    await expect(madeIn(join(folder, 'work')).made).rejects.toMatchObject({
      kind: 'store',
      diagnostics: [
        {
          fact: expect.stringMatching(/^the folder of a\/1 .*ENOSPC/),
          fix: expect.stringMatching(/^the disk is full/),
        },
      ],
    });
  },
);

it('what else the system refuses is named, with what to do', async () => {
  const { made, newFolder } = madeIn(join(temporaryFolder(), 'removed'));
  const failure = {
    kind: 'environment',
    diagnostics: [{ fact: expect.stringMatching(/^the folder of a\/1 .*ENOENT/) }],
  };
  await expect(made).rejects.toMatchObject(failure);
  expect(newFolder).toThrow(/^the folder of a\/1 .*ENOENT/);
});
