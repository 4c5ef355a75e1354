// Measures the training and the sampling of the paper's models, through the code that the stages use, on several engines.
//   npm run bench:compute                          a table
//   npm run bench:compute -- --json                one JSON object a line
//   npm run bench:compute -- --models fnn,cnn --engines onednn,torch --layouts 2x1 --seconds 5
// stepMs and gradMs are wall time divided by the steps of all workers, which run at the same time; stepCpuMs and gradCpuMs are the
// processor's time for one step. The engines take turns in short rounds, and each number is the median over the rounds, so
// that other work on the machine affects all of them alike. stepTimesOnednn and gradTimesOnednn say how many times as much of the processor's time
// as onednn an engine needs, with as many processes and threads, each in its best round: other work affects that least. gflops counts matrix products and convolutions only; peakShare is their
// share of the best that products of large matrices reached in the same rounds, in as many processes and threads. An engine
// that cannot run here is left out, with the reason on standard error. PyTorch takes part by its eager mode and by torch.compile, for images with the
// channels last in memory and first; stepTimesTorch and gradTimesTorch say how many times as much of the processor's time as onednn the best of them
// needs. A PyTorch whose BLAS is far slower than the machine is refused: with the reference BLAS of Debian, the comparison proves nothing. loopSeconds and factoredSeconds are a sample of n_s = 3000
// minibatches by one gradient after the other (3000 times gradMs) and, measured once as a whole, by factors. The images are random. Those of
// MNIST's networks have as many black pixels as MNIST's; --mnist FILE takes the real ones, of an unpacked train-images-idx3-ubyte.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { median } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const TORCH_PROGRAM = join(root, 'bench/compute-torch.py');

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    models: { type: 'string' },
    engines: {
      type: 'string',
      default: 'onednn,tfjs-node,wasm,cpu,torch,torch-first,torch-compile,torch-compile-first',
    },
    layouts: { type: 'string', default: '1x2,2x1' },
    seconds: { type: 'string', default: '2' },
    mnist: { type: 'string' },
  },
});
/** Of one phase, in all. */
const seconds = Number(options.seconds);
const ROUNDS = 9;
/** n_s of the paper. */
const SAMPLES = 3000;

/** Processes, and the threads of each. */
const ONE_OF_TWO = { workers: 1, threads: 2 };
const TWO_OF_ONE = { workers: 2, threads: 1 };
const layouts = {
  onednn: [ONE_OF_TWO, TWO_OF_ONE],
  'tfjs-node': [ONE_OF_TWO, TWO_OF_ONE],
  wasm: [TWO_OF_ONE],
  cpu: [TWO_OF_ONE],
  torch: [TWO_OF_ONE],
  'torch-first': [TWO_OF_ONE],
  'torch-compile': [TWO_OF_ONE],
  'torch-compile-first': [TWO_OF_ONE],
};
/** How the engines of PyTorch compute. */
const TORCH = {
  torch: { mode: 'eager', channels: 'last' },
  'torch-first': { mode: 'eager', channels: 'first' },
  'torch-compile': { mode: 'compile', channels: 'last' },
  'torch-compile-first': { mode: 'compile', channels: 'first' },
};
/** A BLAS that is made for its processor has more than this share of the peak; the reference BLAS has a fortieth. */
const LEAST_BLAS_SHARE = 1 / 8;

const [load] = loadavg();
if (load > 0.5) note(`the load average is ${round(load)}: other work on this machine is in the times, too`);

const models = readModels();
const engines = listed(options.engines, Object.keys(layouts), 'engine');
const wantedLayouts = listed(options.layouts, ['1x2', '2x1'], 'layout');
const names = listed(options.models ?? Object.keys(models).join(','), Object.keys(models), 'model');

const folder = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
const rows = [];
const running = new Set();
/** What the environment of a run's workers comes from. */
let workerEnvironment;
try {
  await bundleInto(folder);
  const worker = [process.execPath, join(folder, 'compute-worker.mjs')];
  const bundled = (name) => import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  ({ workerEnvironment } = await bundled('worker-environment'));
  const { trainingOperations } = await bundled('floating-point-operations');
  const peaks = await startPeaks(worker);
  const python = engines.some((engine) => engine in TORCH) ? await pythonWithTorch(peaks) : undefined;
  for (const name of names) {
    const { architecture, signature, batchSize } = models[name];
    const operations = trainingOperations(architecture, signature, batchSize);
    const contestants = [];
    for (const engine of engines) {
      if (engine === 'cpu' && architecture.kind === 'convolutional') {
        note(`${name} on cpu is left out: one step takes minutes`);
        continue;
      }
      if (engine in TORCH && python === undefined) continue;
      // Networks of dense layers have no channels.
      if (TORCH[engine]?.channels === 'first' && architecture.kind !== 'convolutional') continue;
      const command = engine in TORCH ? [python, TORCH_PROGRAM] : worker;
      for (const layout of layoutsOf(engine)) {
        const task = {
          backend: engine,
          ...TORCH[engine],
          threads: layout.threads,
          seconds: seconds / ROUNDS,
          model: models[name],
        };
        try {
          const team = await startTeam(layout.workers, command, task);
          contestants.push({ what: { model: name, engine, ...layout }, layout, team, train: [], sample: [] });
        } catch (error) {
          note(`${name} on ${engine} is left out: ${error.message}`);
        }
      }
    }
    const peakOf = await takeTurns(contestants, peaks);
    for (const contestant of contestants) {
      const rivals = contestants.filter(({ layout }) => layout === contestant.layout);
      report(contestant, operations, peakOf(contestant.layout), rivals);
    }
  }
} finally {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
if (!options.json) console.table(rows);

/** Whether gradients are sums of outer products of vectors of one example each. */
function isFactored({ kind, batchNorm }) {
  return kind === 'fully-connected' && batchNorm === false;
}

function layoutsOf(engine) {
  return layouts[engine].filter(({ workers, threads }) => wantedLayouts.includes(`${workers}x${threads}`));
}

/** Measures all contestants and the peaks, round by round. */
async function takeTurns(contestants, peaks) {
  const best = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [layout, team] of peaks) {
      const results = await measureTogether(team, 'peak');
      const gflops = results.reduce((total, result) => total + result.gflops, 0);
      best.set(layout, Math.max(gflops, best.get(layout) ?? 0));
    }
    for (const { team, train, sample } of contestants) {
      train.push(combined(await measureTogether(team, 'train')));
      sample.push(combined(await measureTogether(team, 'sample')));
    }
  }
  for (const contestant of contestants) {
    const { what, team } = contestant;
    if (what.engine !== 'onednn' || !isFactored(models[what.model].architecture)) continue;
    // All workers have taken a whole sample in this time.
    const results = await measureTogether(team, 'factored');
    contestant.factoredSeconds = 1 / results.reduce((total, result) => total + 1 / result.seconds, 0);
  }
  for (const { team } of contestants) for (const { child } of team) child.kill();
  for (const [{ workers, threads }, gflops] of best) {
    note(`peak of ${workers} × ${threads} (processes × threads): ${Math.round(gflops)} GFLOP/s`);
  }
  return (layout) => best.get(layout);
}

/** Workers that need t₁ and t₂ for a step need 1/(1/t₁ + 1/t₂) together. */
function combined(results) {
  return {
    ms: 1 / results.reduce((total, { ms }) => total + 1 / ms, 0),
    cpuMs: results.reduce((total, { cpuMs }) => total + cpuMs, 0) / results.length,
  };
}

/** The architectures of pipeline.yaml, with their datasets' images and classes. */
function readModels() {
  const { params } = parse(readFileSync(join(root, 'pipeline.yaml'), 'utf8'), { merge: true });
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
      const images = dataset === 'mnist' ? options.mnist : undefined;
      return [name, { architecture: model, signature, examples: examples[dataset], batchSize, learningRate, images }];
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

/** Bundles the TypeScript into a folder from which it finds this package, its addon included, and TensorFlow.js. */
async function bundleInto(outdir) {
  mkdirSync(join(outdir, 'node_modules'));
  symlinkSync(join(root, 'src/tensors'), join(outdir, 'node_modules/tfjs-backend-onednn'));
  symlinkSync(join(root, 'node_modules/@tensorflow'), join(outdir, 'node_modules/@tensorflow'));
  await build({
    entryPoints: {
      'compute-worker': join(root, 'bench/compute-worker.ts'),
      'floating-point-operations': join(root, 'bench/floating-point-operations.ts'),
      'worker-environment': join(root, 'src/engine/workers/worker-environment.ts'),
    },
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

/** A Python whose PyTorch is worth comparing with. */
async function pythonWithTorch(peaks) {
  const pythons = [process.env.VMFDAG_TEST_PYTHON, 'python3', '/usr/bin/python3'].filter(
    (python) => python !== undefined,
  );
  const python = pythons.find((each) => spawnSync(each, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);
  if (python === undefined) {
    note(
      'torch is left out: python3 has no module torch (pip install torch; or name another Python in VMFDAG_TEST_PYTHON)',
    );
    return undefined;
  }
  const env = environmentOf({ backend: 'torch', threads: 1 });
  const { stdout } = spawnSync(python, [TORCH_PROGRAM, '--describe'], { env, encoding: 'utf8' });
  const { version, blas, gflops } = JSON.parse(stdout);
  note(`PyTorch ${version}, BLAS ${blas}: ${Math.round(gflops)} GFLOP/s on one thread`);
  const [[layout, team] = []] = peaks;
  if (layout === undefined) return python;
  const results = await measureTogether(team, 'peak');
  const peak = results.reduce((total, result) => total + result.gflops, 0) / (layout.workers * layout.threads);
  if (gflops > LEAST_BLAS_SHARE * peak) return python;
  note(
    `torch is left out: its BLAS has ${round(gflops)} of ${Math.round(peak)} GFLOP/s (Debian: apt-get install libopenblas0-pthread)`,
  );
  return undefined;
}

/** Workers that measure large matrix products, by layout; none where the addon is not built. */
async function startPeaks(worker) {
  const peaks = new Map();
  try {
    for (const layout of [ONE_OF_TWO, TWO_OF_ONE]) {
      if (!engines.some((engine) => layoutsOf(engine).includes(layout))) continue;
      const task = { backend: 'onednn', threads: layout.threads, seconds: seconds / ROUNDS };
      peaks.set(layout, await startTeam(layout.workers, worker, task));
    }
  } catch (error) {
    note(`the machine's peak is not measured: ${error.message}`);
  }
  return peaks;
}

function report({ what, train, sample, factoredSeconds }, operations, peak, rivals) {
  const best = (rounds) => Math.min(...rounds.map(({ cpuMs }) => cpuMs));
  const onednn = rivals.find((rival) => rival.what.engine === 'onednn');
  const torches = rivals.filter((rival) => rival.what.engine in TORCH);
  const bestTorch = (phase, rounds) =>
    what.engine !== 'onednn' || torches.length === 0
      ? null
      : round(Math.min(...torches.map((torch) => best(torch[phase]))) / best(rounds));
  const timesOnednn = (phase, rounds) => (onednn === undefined ? null : round(best(rounds) / best(onednn[phase])));
  const medianOf = (rounds, key) => median(rounds.map((round) => round[key]));
  const stepMs = medianOf(train, 'ms');
  const gflops = operations / stepMs / 1e6;
  const row = {
    bench: 'compute',
    ...what,
    stepMs: round(stepMs),
    gradMs: round(medianOf(sample, 'ms')),
    stepTimesOnednn: timesOnednn('train', train),
    gradTimesOnednn: timesOnednn('sample', sample),
    stepTimesTorch: bestTorch('train', train),
    gradTimesTorch: bestTorch('sample', sample),
    gflops: round(gflops),
    peakShare: peak === undefined ? null : round(gflops / peak),
    loopSeconds: round((SAMPLES * medianOf(sample, 'ms')) / 1000),
    factoredSeconds: factoredSeconds === undefined ? null : round(factoredSeconds),
    stepCpuMs: round(medianOf(train, 'cpuMs')),
    gradCpuMs: round(medianOf(sample, 'cpuMs')),
  };
  if (options.json) console.log(JSON.stringify(row));
  else rows.push(row);
}

/** Starts a number of processes of a command, and waits until all are ready. */
async function startTeam(count, [executable, ...args], task) {
  const team = Array.from({ length: count }, () => {
    const child = spawn(executable, [...args, JSON.stringify(task)], {
      cwd: root,
      env: environmentOf(task),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    running.add(child);
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint = (complaint + text).slice(-1000);
    });
    // A worker that has ended is noticed when its next line is missing.
    child.stdin.on('error', () => {});
    const ended = new Promise((resolve) => child.on('close', resolve));
    ended.then(() => running.delete(child));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, ended, lines, complaint: () => gist(complaint) };
  });
  try {
    await Promise.all(team.map(nextLine));
    return team;
  } catch (error) {
    for (const { child } of team) child.kill();
    throw error;
  }
}

/** The measurements of each worker of a team for a phase, all at the same time. */
async function measureTogether(team, phase) {
  for (const { child } of team) child.stdin.write(`${phase}\n`);
  return (await Promise.all(team.map(nextLine))).map((line) => JSON.parse(line));
}

/** The line of an error's output that says what is wrong. */
function gist(text) {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
}

async function nextLine({ lines, ended, complaint }) {
  const { value: line, done } = await lines.next();
  if (!done) return line;
  const code = await ended;
  throw new Error(complaint() || `its process ended with exit code ${code}`);
}

/**
 * What makes PyTorch fast: OpenBLAS chooses its kernels on its own, and freed memory is kept, so that it need not be
 * faulted in again. Everything else gets the environment of a run's worker.
 */
function environmentOf({ backend, threads }) {
  if (!(backend in TORCH)) return workerEnvironment(process.env);
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
