// Measures what a command stage costs next to make: nodes that only make their output, with two at a time, timed as whole processes: wall time, and processor time, which other programs
// on the machine disturb less.
//   node bench/commands.mjs              a table
//   node bench/commands.mjs --json       one JSON object
//   --nodes 1000 --repeats 3 --dist FOLDER (another build, to compare)
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, timed } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '1000' },
    repeats: { type: 'string', default: '3' },
    dist: { type: 'string', default: join(root, 'src/engine/dist') },
  },
});
const nodes = Number(options.nodes);
const repeats = Number(options.repeats);

const PIPELINE = `version: 1
name: bench
stages:
  make:
    command: "true > {outputs.made}"
    each: {node: {from: 1, to: ${nodes}}}
    outputs: {made: bytes}
`;

/** The same shell for each target, which would otherwise be started only where make needs one. */
const MAKEFILE = `SHELL = /bin/sh
.SHELLFLAGS = -ec
all: $(addprefix out/,$(shell seq ${nodes}))
out/%:
	@true > $@
`;

/** Each in turn in a new folder, so that a slow minute of the machine is in both. */
async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
  try {
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'Makefile'), MAKEFILE);
    writeFileSync(join(folder, 'pipeline.yaml'), PIPELINE);
    const make = await timed('make', ['-j2'], folder);
    const vmfdag = await timed(process.execPath, [join(options.dist, 'vmfdag.cjs'), 'run', '--jobs', '2'], folder);
    const again = await timed(process.execPath, [join(options.dist, 'vmfdag.cjs'), 'run', '--jobs', '2'], folder);
    return { make, vmfdag, again };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runs = [];
for (let repeat = 0; repeat < repeats; repeat++) runs.push(await measure());
const medianOf = (name) => ({
  wall: median(runs.map((run) => run[name].wall)),
  cpu: median(runs.map((run) => run[name].cpu)),
});
const result = { nodes, repeats, make: medianOf('make'), vmfdag: medianOf('vmfdag'), again: medianOf('again') };
if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  const row = (name, { wall, cpu }) =>
    `  ${name.padEnd(24)}${[
      `${wall.toFixed(2)} s`,
      `${cpu.toFixed(2)} s`,
      `${((1000 * cpu) / nodes).toFixed(2)} ms`,
      (wall / result.make.wall).toFixed(2),
      (cpu / result.make.cpu).toFixed(2),
    ]
      .map((cell) => cell.padStart(12))
      .join('')}\n`;
  process.stdout.write(
    `${nodes} nodes, medians of ${repeats}\n${' '.repeat(26)}${[
      'wall',
      'processor',
      'of a node',
      'times make',
      'processor',
    ]
      .map((cell) => cell.padStart(12))
      .join('')}\n` +
      row('make -j2', result.make) +
      row('vmfdag run --jobs 2', result.vmfdag) +
      row('again, all up to date', result.again),
  );
}
