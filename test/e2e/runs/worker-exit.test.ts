import { expect, it } from 'vitest';
import { projectOf } from '../support/project.ts';

// Stage `small` is short, so that its worker goes on with `leave` while the bytes are on their way to the disk.
it('a stage that ends its process while another one is being written leaves the cache unlocked', async () => {
  const project = projectOf({
    'pipeline.yaml': `version: 1
name: leaving
stages:
  small:
    run: stages/small.ts
    each: {number: [1, 2, 3, 4, 5, 6]}
    outputs: {bytes: bytes}
  leave:
    run: stages/leave.ts
    each: {number: [1, 2, 3, 4, 5, 6]}
    inputs: {bytes: small.bytes}
    outputs: {bytes: bytes}
    undeclared: ignore
`,
    'stages/small.ts': `import * as v from 'valibot';
import { bytes, defineStage } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { bytes },
  run: ({ coordinates }) => ({ bytes: new Uint8Array(1_000_000).fill(Number(coordinates.number)) }),
});
`,
    'stages/leave.ts': `import { existsSync } from 'node:fs';
import * as v from 'valibot';
import { bytes, defineStage, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { bytes: one(bytes) },
  outputs: { bytes },
  run({ inputs }) {
    if (!existsSync('stay')) process.exit(7);
    return { bytes: inputs.bytes };
  },
});
`,
  });
  const { code, summary } = await project.run(['--jobs', '1', '--keep-going']);
  expect(code).toBe(1);
  expect(summary).toMatchObject({ executed: 6, failed: 6 });
  project.write('stay', '');
  expect((await project.run(['--no-wait'])).summary).toMatchObject({ outcome: 'done', executed: 6, upToDate: 6 });
});
