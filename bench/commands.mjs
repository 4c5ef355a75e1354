// Measures what a command stage costs next to make: nodes that only make their output, with two at a time, timed as whole processes.
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

function timed(command, args, cwd) {
  const started = performance.now();
  const { status, stderr } = spawnSync(command, args, { cwd, env: environment, encoding: 'utf8', detached: true });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return (performance.now() - started) / 1000;
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
const median = (name) => runs.map((run) => run[name]).sort((a, b) => a - b)[Math.floor(repeats / 2)];
const result = { nodes, repeats, make: median('make'), vmfdag: median('vmfdag'), again: median('again') };
if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  const seconds = (value) => `${value.toFixed(2)} s`;
  process.stdout.write(
    `${nodes} nodes, medians of ${repeats}\n` +
      `  make -j2               ${seconds(result.make)}\n` +
      `  vmfdag run --jobs 2    ${seconds(result.vmfdag)} (${(result.vmfdag / result.make).toFixed(2)} times)\n` +
      `  again, all up to date  ${seconds(result.again)}\n`,
  );
}
