// Measures the engine alone: pipelines of trivial nodes in chains of 100, timed as whole processes, start-up included.
//   npm run bench:engine              a table
//   npm run bench:engine -- --json    one JSON object a line
//   --nodes 100,10000,100000 --repeats 5 --dist FOLDER (another build, to compare)
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineProject, LAST_STEP } from './engine-project.mjs';
import { environment } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '100,1000,10000' },
    repeats: { type: 'string', default: '5' },
    dist: { type: 'string', default: join(root, 'src/engine/dist') },
  },
});

const rows = [];
for (const n of options.nodes.split(',').map(Number)) {
  const project = engineProject(n, join(root, 'src/engine'));
  try {
    const cold = await timed(project, ['run']);
    // The scenarios take turns: other work on the machine affects all of them alike, and `node -e 0`, the unit of the times.
    let leaf = 1;
    const scenarios = {
      node: () => timed(root, ['-e', '0'], []),
      noop: () => timed(project, ['run']),
      leaf: () => timed(project, ['run', '--set', `leaf=${++leaf}`]),
      plan: () => timed(project, ['graph', '--no-states']),
      explain: () => timed(project, ['explain', LAST_STEP]),
      status: () => timed(project, ['status']),
    };
    const runs = Object.fromEntries(Object.keys(scenarios).map((scenario) => [scenario, []]));
    for (let round = 0; round < Number(options.repeats); round++) {
      for (const [scenario, measure] of Object.entries(scenarios)) runs[scenario].push(await measure());
    }
    const start = median(runs.node).wallMs;
    report(n, 'cold', cold, start);
    for (const scenario of Object.keys(scenarios)) report(n, scenario, median(runs[scenario]), start);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
if (!options.json) console.table(rows);

function report(n, scenario, { wallMs, rssMb }, start) {
  const row = {
    bench: 'engine',
    n,
    scenario,
    wallMs: round(wallMs),
    perNodeMs: scenario === 'node' ? null : round(wallMs / n),
    timesNode: round(wallMs / start),
    rssMb: round(rssMb),
  };
  if (options.json) console.log(JSON.stringify(row));
  else rows.push(row);
}

function round(value) {
  return Number(value.toPrecision(3));
}

function median(runs) {
  return runs.toSorted((a, b) => a.wallMs - b.wallMs)[runs.length >> 1];
}

/** Wall time and peak resident memory of one command's own process; worker processes are not counted. */
function timed(cwd, args, program = [join(options.dist, 'vmfdag.cjs')]) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [...program, ...args], {
      cwd,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    let rssMb = Number.NaN;
    const sample = () => {
      try {
        // The high-water mark only grows, so the last look before the end is the peak, except for the last few milliseconds.
        rssMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024 || rssMb;
      } catch {
        // No /proc here, or the process has ended.
      }
    };
    const timer = setInterval(sample, 4);
    child.on('exit', (code) => {
      clearInterval(timer);
      const wallMs = performance.now() - started;
      if (code === 0) resolve({ wallMs, rssMb });
      else reject(new Error(`vmfdag ${args.join(' ')} ended with exit code ${code}`));
    });
  });
}
