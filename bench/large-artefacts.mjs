// Measures the memory of the engine with artefacts of any size: a file of 6 GB and a directory of 20,000 files, made by one stage and read by another.
//   npm run bench:artefacts                  a table: seconds and the largest resident memory of a process, for each command
//   --gigabytes 6 --files 20000 --folder DIR (on the disk to measure) --limit 300 (MB; exit code 1 above it)
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const POLL_MS = 20;

const { values: options } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '6' },
    files: { type: 'string', default: '20000' },
    folder: { type: 'string', default: tmpdir() },
    limit: { type: 'string', default: '300' },
  },
});

const PIPELINE = `version: 1
name: large
params: {gigabytes: ${Number(options.gigabytes)}, files: ${Number(options.files)}, salt: 0}
stages:
  file: {run: stages/large.ts#writesFile, params: {gigabytes: "\${gigabytes}"}, outputs: {out: file}}
  folder: {run: stages/large.ts#writesFolder, params: {files: "\${files}"}, outputs: {out: directory}}
  read: {run: stages/large.ts#reads, params: {salt: "\${salt}"}, inputs: {file: file.out, folder: folder.out}, outputs: {seen: json}}
targets: {all: {files: {seen.json: read.seen, folder: folder.out}}}
`;

const STAGES = `import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { defineStage, directory, file, json, one } from 'vmfdag';
const PIECE = 1_000_000;
export const writesFile = /* @__PURE__ */ defineStage({
  params: v.object({ gigabytes: v.number() }), inputs: {}, outputs: { out: file },
  run({ params, scratch }) {
    const descriptor = openSync(join(scratch, 'out'), 'w');
    const piece = Buffer.alloc(PIECE, 1);
    for (let index = 0; index < params.gigabytes * 1000; index++) {
      piece.writeUInt32LE(index, 0);
      writeSync(descriptor, piece);
    }
    closeSync(descriptor);
    return { out: 'out' };
  },
});
export const writesFolder = /* @__PURE__ */ defineStage({
  params: v.object({ files: v.number() }), inputs: {}, outputs: { out: directory },
  run({ params, scratch }) {
    for (let index = 0; index < params.files; index++) {
      const folder = join(scratch, 'out', String(index % 100));
      if (index < 100) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, index + '.txt'), String(index).padEnd(1000 + (index % 9000), '.'));
    }
    return { out: 'out' };
  },
});
export const reads = /* @__PURE__ */ defineStage({
  params: v.object({ salt: v.number() }), inputs: { file: one(file), folder: one(directory) }, outputs: { seen: json() },
  run: ({ inputs }) => ({
    seen: { bytes: statSync(inputs.file).size, files: readdirSync(inputs.folder, { recursive: true }).length },
  }),
});
`;

const project = mkdtempSync(join(options.folder, 'vmfdag-large-'));
try {
  mkdirSync(join(project, 'stages'));
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['valibot', 'vmfdag'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{"name": "large", "type": "module"}\n');
  writeFileSync(join(project, 'pipeline.yaml'), PIPELINE);
  writeFileSync(join(project, 'stages/large.ts'), STAGES);
  console.log(`${options.gigabytes} GB in one file, ${options.files} files in one directory, in ${options.folder}`);
  console.log('seconds  parent MB  worker MB  command');
  const limit = Number(options.limit);
  for (const command of [
    ['run', '--jobs', '1'],
    ['run', '--jobs', '1'],
    ['run', '--jobs', '1', '--set', 'salt=1'],
    ['cache', 'verify'],
    ['cache', 'get', 'folder.out', 'copy'],
    ['cache', 'get', 'file.out', 'copy.bin'],
    ['cache', 'gc', '--max-size', '1kB', '--keep-runs', '1', '--yes'],
    ['cache', 'compact'],
    ['cache', 'stat'],
  ]) {
    const { seconds, parent, worker } = await measured(command);
    const columns = [seconds.toFixed(1).padStart(7), parent.padStart(10), worker.padStart(10)];
    console.log(`${columns.join(' ')}  vmfdag ${command.join(' ')}`);
    if (Math.max(Number(parent), Number(worker) || 0) >= limit) process.exitCode = 1;
  }
  if (process.exitCode === 1) console.log(`a process had ${limit} MB or more`);
} finally {
  rmSync(project, { recursive: true, force: true });
}

/** Runs a command, and looks at the largest resident memory that its processes have had. */
async function measured(command) {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'src/engine/bin/vmfdag.cjs'), ...command], { cwd: project });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const peaks = new Map();
  const look = () => {
    for (const pid of [child.pid, ...descendants(child.pid)]) peaks.set(pid, peakOf(pid) ?? peaks.get(pid) ?? 0);
  };
  const timer = setInterval(look, POLL_MS);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`vmfdag ${command.join(' ')} ended with ${code}:\n${output}`);
  const { [child.pid]: parent = 0, ...others } = Object.fromEntries(peaks);
  const worker = Math.max(...Object.values(others));
  const megabytes = (kilobytes) => (Number.isFinite(kilobytes) ? String(Math.round(kilobytes / 1000)) : '–');
  return { seconds: (performance.now() - started) / 1000, parent: megabytes(parent), worker: megabytes(worker) };
}

/** The largest resident memory so far, in kilobytes, with the pages of mapped files. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) || undefined;
  } catch {
    return undefined;
  }
}

function descendants(pid) {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return [...children, ...children.flatMap(descendants)];
  } catch {
    return [];
  }
}
