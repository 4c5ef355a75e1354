// Measures the training and the sampling of the paper's models, through the code that the stages use, on several engines.
//   npm run bench:compute                          a table
//   npm run bench:compute -- --json                one JSON object a line
//   npm run bench:compute -- --models fnn,cnn --engines onednn,torch --seconds 5
// stepMs and gradMs are wall time divided by the steps of all workers, which run at the same time. gflops counts matrix
// products and convolutions only; peakShare is their share of what products of large matrices reach in as many processes
// and threads. An engine that cannot run here is left out, with the reason on standard error.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { parse } from 'yaml';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    models: { type: 'string' },
    engines: { type: 'string', default: 'onednn,wasm,cpu,torch' },
    seconds: { type: 'string', default: '2' },
  },
});
const seconds = Number(options.seconds);

/** Processes, and the threads of each. */
const ONE_OF_TWO = { workers: 1, threads: 2 };
const TWO_OF_ONE = { workers: 2, threads: 1 };
const layouts = {
  onednn: [ONE_OF_TWO, TWO_OF_ONE],
  wasm: [TWO_OF_ONE],
  cpu: [TWO_OF_ONE],
  torch: [TWO_OF_ONE],
};

const [load] = loadavg();
if (load > 0.5) note(`the load average is ${round(load)}: what else runs here is in the times, too`);

const models = readModels();
const engines = listed(options.engines, Object.keys(layouts), 'engine');
const names = listed(options.models ?? Object.keys(models).join(','), Object.keys(models), 'model');

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
const rows = [];
try {
  await bundleInto(folder);
  const worker = [process.execPath, join(folder, 'compute-worker.mjs')];
  const python = engines.includes('torch') ? pythonWithTorch() : undefined;
  const { trainingOperations } = await import(pathToFileURL(join(folder, 'floating-point-operations.mjs')).href);
  const peaks = await measurePeaks(worker);
  for (const name of names) {
    const { architecture, signature, batchSize } = models[name];
    const operations = trainingOperations(architecture, signature, batchSize);
    for (const engine of engines) {
      if (engine === 'cpu' && architecture.kind === 'convolutional') {
        note(`${name} on cpu is left out: one step takes minutes`);
        continue;
      }
      if (engine === 'torch' && python === undefined) continue;
      for (const layout of layouts[engine]) {
        const task = { backend: engine, threads: layout.threads, seconds, model: models[name] };
        const command = engine === 'torch' ? [python, join(root, 'bench/compute-torch.py')] : worker;
        try {
          const results = await together(layout.workers, command, task);
          report({ model: name, engine, ...layout }, results, operations, peaks.get(layout));
        } catch (error) {
          note(`${name} on ${engine} is left out: ${error.message}`);
        }
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!options.json) console.table(rows);

/** The architectures of pipeline.yaml, with what their dataset says of images and classes. */
function readModels() {
  const { params } = parse(readFileSync(join(root, 'pipeline.yaml'), 'utf8'));
  const resolved = (value) => {
    const reference = typeof value === 'string' ? /^\$\{(\w+)\}$/.exec(value)?.[1] : undefined;
    if (reference !== undefined) return resolved(params[reference]);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
  };
  const examples = { mnist: 60_000, cifar10: 50_000 };
  return Object.fromEntries(
    Object.entries(resolved(params.architectures)).map(([name, { model, dataset, batchSize, learningRate }]) => {
      const { image: imageShape, classes } = params.datasets[dataset];
      const signature = { imageShape, classes };
      return [name, { architecture: model, signature, examples: examples[dataset], batchSize, learningRate }];
    }),
  );
}

function listed(text, known, kind) {
  const wanted = text.split(',');
  const stranger = wanted.find((name) => !known.includes(name));
  if (stranger === undefined) return wanted;
  note(`there is no ${kind} "${stranger}"; there are ${known.join(', ')}`);
  process.exit(2);
}

/** Bundles what is TypeScript into a folder from which it finds this package, its addon included, and TensorFlow.js. */
async function bundleInto(outdir) {
  mkdirSync(join(outdir, 'node_modules'));
  symlinkSync(root, join(outdir, 'node_modules/vmfdag'));
  symlinkSync(join(root, 'node_modules/@tensorflow'), join(outdir, 'node_modules/@tensorflow'));
  await build({
    entryPoints: ['compute-worker.ts', 'floating-point-operations.ts'].map((file) => join(root, 'bench', file)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@tensorflow/*'],
    logLevel: 'warning',
  });
}

function pythonWithTorch() {
  const found = ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
  if (found === undefined)
    note('torch is left out: python3 has no module torch (Debian: apt-get install python3-torch libopenblas0-pthread)');
  return found;
}

/** GFLOP/s of large matrix products, by layout; none where the addon is not built. */
async function measurePeaks(worker) {
  const peaks = new Map();
  try {
    for (const layout of [ONE_OF_TWO, TWO_OF_ONE]) {
      const task = { backend: 'onednn', threads: layout.threads, seconds };
      const results = await together(layout.workers, worker, task);
      peaks.set(
        layout,
        results.reduce((total, { peakGflops }) => total + peakGflops, 0),
      );
      const { workers, threads } = layout;
      note(`peak of ${workers} × ${threads} (processes × threads): ${Math.round(peaks.get(layout))} GFLOP/s`);
    }
  } catch (error) {
    note(`the machine's peak is not measured: ${error.message}`);
  }
  return peaks;
}

function report(what, results, operations, peak) {
  // Workers that take t₁ and t₂ for a step take 1/(1/t₁ + 1/t₂) together.
  const together = (key) => 1 / results.reduce((total, result) => total + 1 / result[key], 0);
  const stepMs = together('stepMs');
  const gflops = operations / stepMs / 1e6;
  const row = {
    bench: 'compute',
    ...what,
    stepMs: round(stepMs),
    gradMs: round(together('gradMs')),
    gflops: round(gflops),
    peakShare: peak === undefined ? null : round(gflops / peak),
  };
  if (options.json) console.log(JSON.stringify(row));
  else rows.push(row);
}

/** Starts so many processes of a command, which pass each phase at the same time; the results of each. */
async function together(count, [executable, ...args], task) {
  const workers = Array.from({ length: count }, () => {
    const child = spawn(executable, [...args, JSON.stringify(task)], {
      cwd: root,
      env: environmentOf(task),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint = (complaint + text).slice(-1000);
    });
    // A worker that has ended is noticed where its next line is missing.
    child.stdin.on('error', () => {});
    const ended = new Promise((resolve) => child.on('close', resolve));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, ended, lines, result: {}, complaint: () => gist(complaint) };
  });
  try {
    for (;;) {
      const states = await Promise.all(workers.map(nextPhase));
      if (states.every((state) => state === 'ended')) return workers.map(({ result }) => result);
      for (const { child } of workers) child.stdin.write('go\n');
    }
  } finally {
    for (const { child } of workers) child.kill();
  }
}

/** The line of an error's output that says what is wrong. */
function gist(text) {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
}

/** Collects a worker's results until it is ready for the next phase, or has ended. */
async function nextPhase(worker) {
  for (;;) {
    const { value: line, done } = await worker.lines.next();
    if (done) {
      const code = await worker.ended;
      if (code === 0) return 'ended';
      throw new Error(worker.complaint() || `its process ended with exit code ${code}`);
    }
    if (line === 'ready') return 'ready';
    Object.assign(worker.result, JSON.parse(line));
  }
}

/**
 * What makes PyTorch fast: OpenBLAS chooses its kernels by itself, and freed memory is kept, so that it need not be
 * faulted in again. Everything else gets the environment as it is.
 */
function environmentOf({ backend, threads }) {
  if (backend !== 'torch') return process.env;
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  const count = String(threads);
  const tuned = { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: String(2 ** 32), MALLOC_TOP_PAD_: String(2 ** 26) };
  return { ...rest, ...tuned, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count };
}

function round(value) {
  return Number(value.toPrecision(3));
}

function note(text) {
  console.error(`bench:compute: ${text}`);
}
