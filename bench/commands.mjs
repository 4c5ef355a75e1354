// Measures what a command stage costs next to make: nodes that only make their output, with two at a time, timed as whole processes: wall time, and processor time, which other programs
// on the machine disturb less.
//   node bench/commands.mjs              a table
//   node bench/commands.mjs --json       one JSON object
//   --nodes 1000 --repeats 3 --dist FOLDER (another build, to compare)
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Node reads certificates of one's own at every start. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

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

/** Wall time in seconds, and processor time of the process and of all that it and they have waited for, as a shell adds it up. */
function timed(command, args, cwd) {
  const script = '"$@" > /dev/null || exit; times';
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', command, ...args], {
    cwd,
    env: environment,
    encoding: 'utf8',
    detached: true,
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  const [, ofChildren = ''] = stdout.trim().split('\n');
  const cpu = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * m + Number(s), 0);
  return { wall: (performance.now() - started) / 1000, cpu };
}

/** Each in turn in a new folder, so that a slow minute of the machine is in both. */
function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
  try {
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'Makefile'), MAKEFILE);
    writeFileSync(join(folder, 'pipeline.yaml'), PIPELINE);
    const make = timed('make', ['-j2'], folder);
    const vmfdag = timed(process.execPath, [join(options.dist, 'vmfdag.cjs'), 'run', '--jobs', '2'], folder);
    const again = timed(process.execPath, [join(options.dist, 'vmfdag.cjs'), 'run', '--jobs', '2'], folder);
    return { make, vmfdag, again };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runs = Array.from({ length: repeats }, measure);
const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const median = (name) => ({
  wall: middle(runs.map((run) => run[name].wall)),
  cpu: middle(runs.map((run) => run[name].cpu)),
});
const result = { nodes, repeats, make: median('make'), vmfdag: median('vmfdag'), again: median('again') };
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
