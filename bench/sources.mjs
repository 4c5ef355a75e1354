// Measures how long a command looks at a source of many files, of which none has changed.
//   node bench/sources.mjs                   seconds of "vmfdag status", for each of some calls
//   --files 100000 --calls 5 --folder DIR (on the disk to measure)
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
  },
});

const STAGE = `import * as v from 'valibot';
import { defineStage, directory, json, one } from 'vmfdag';
export default defineStage({
  params: v.object({}), inputs: { corpus: one(directory) }, outputs: { seen: json<string>() },
  run: ({ inputs }) => ({ seen: inputs.corpus.slice(0, 0) }),
});
`;

const project = mkdtempSync(join(options.folder, 'vmfdag-sources-'));
try {
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  mkdirSync(join(project, 'stages'));
  writeFileSync(join(project, 'stages/read.ts'), STAGE);
  const pipeline = `version: 1
name: many
sources: {corpus: {files: "data/**/*.csv"}}
stages: {read: {run: stages/read.ts, inputs: {corpus: corpus}, outputs: {seen: json}}}
`;
  writeFileSync(join(project, 'pipeline.yaml'), pipeline);
  for (let index = 0; index < Number(options.files); index++) {
    const folder = join(project, 'data', String(Math.floor(index / 1000)));
    if (index % 1000 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${index}.csv`), `${index}\n`);
  }
  mkdirSync(join(project, 'cache'));
  console.log(`${options.files} files; load ${loadavg()[0]?.toFixed(1)}`);
  for (let call = 0; call <= Number(options.calls); call++) {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'src/engine/bin/vmfdag.cjs'), 'status'], {
      cwd: project,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const wall = (performance.now() - started) / 1000;
    console.log(`${call === 0 ? 'first call, which hashes all' : 'nothing changed'}: ${wall.toFixed(2)} s`);
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
