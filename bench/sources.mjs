// Measures how long a command looks at a source of many files, of which none has changed.
//   node bench/sources.mjs                   seconds of "vmfdag status", for each of some calls: wall time, and processor time, which other programs on the machine disturb less
//   --files 100000 --calls 5 --folder DIR (on the disk to measure)
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { timed } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
  },
});

const program = join(root, 'src/engine/bin/vmfdag.cjs');

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
    const { wall, cpu } = await timed(process.execPath, [program, 'status'], project);
    const what = call === 0 ? 'first call, which hashes all' : 'nothing changed';
    console.log(`${what}: ${wall.toFixed(2)} s, of processors ${cpu.toFixed(2)} s`);
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
