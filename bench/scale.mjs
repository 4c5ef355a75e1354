// What a run of many nodes on many slots costs the process of the run, by simulation: every node takes no time. docs/scale.md has the results.
//   npm run bench:scale                     10,000, 100,000 and 900,000 nodes on 10,000 slots (a plan has at most a million)
//   --nodes 1000,10000 --slots 10000 --chain 100
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10000,100000,900000' },
    slots: { type: 'string', default: '10000' },
    chain: { type: 'string', default: '100' },
  },
});

const folder = join(root, 'node_modules/.cache/vmfdag-scale');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, 'scale.mjs');
await build({
  entryPoints: [join(root, 'bench/scale.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
});
console.log('   nodes   slots   plan s   keys s    run s   µs/node  survey s  peak MB  database MB');
for (const nodes of options.nodes.split(',')) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=20000', outfile, nodes, options.slots, options.chain],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${nodes} nodes: ${stderr}`);
  const found = JSON.parse(stdout);
  const cell = (value, width, digits = 2) => value.toFixed(digits).padStart(width);
  console.log(
    [
      cell(found.nodes, 8, 0),
      cell(found.slots, 8, 0),
      cell(found.pipeline + found.plan, 9),
      cell(found.keys, 9),
      cell(found.run, 9),
      cell((found.run / found.nodes) * 1e6, 10, 0),
      cell(found.survey, 10),
      cell(found.peakMB, 9, 0),
      cell(found.databaseMB, 13, 0),
    ].join(''),
  );
}
rmSync(folder, { recursive: true, force: true });
