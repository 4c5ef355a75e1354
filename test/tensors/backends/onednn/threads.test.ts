import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { addonFile, binding } from './native.ts';

/** Results of one kernel of each kind that keeps memory between calls, for numbers that follow from a seed. */
const RESULTS = `
const binding = require(${JSON.stringify(addonFile)});
const { createHash } = require('node:crypto');
function results(seed) {
  let state = seed;
  const uniform = () => ((state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) / 0x7fffffff);
  const floats = (count) => Float32Array.from({ length: count }, uniform);
  const sparse = (count) => Float32Array.from({ length: count }, () => (uniform() < 0.85 ? 0 : uniform()));
  const outputs = [];
  const output = (count) => { const array = new Float32Array(count); outputs.push(array); return array; };
  for (const geometry of [
    [2, 16, 16, 3, 5, 5, 8, 16, 16, 1, 1, 2, 2, 2, 2],      // by oneDNN
    [2, 16, 16, 16, 3, 3, 16, 16, 16, 1, 1, 1, 1, 1, 1],    // by Winograd's filtering
  ]) {
    const [batch, rows, columns, inChannels, filterRows, filterColumns, outChannels] = geometry;
    const shape = Int32Array.from(geometry);
    const [x, filter] = [floats(batch * rows * columns * inChannels), floats(filterRows * filterColumns * inChannels * outChannels)];
    const y = output(batch * rows * columns * outChannels);
    binding.convolution(x, filter, null, y, shape, false);
    binding.convolutionBackwardInput(y, filter, output(x.length), shape);
    binding.convolutionBackwardFilter(x, y, output(filter.length), shape);
  }
  binding.gemm(false, false, 32, 96, 300, 1, sparse(32 * 300), floats(300 * 96), 0, output(32 * 96));
  binding.gemm(true, false, 30, 40, 50, 1, floats(50 * 30), floats(50 * 40), 0, output(30 * 40));
  const hash = createHash('sha256');
  for (const array of outputs) hash.update(array);
  return hash.digest('hex');
}
`;

function node(script: string, environment: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, ['-e', RESULTS + script], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, ...environment },
  });
}

describe.skipIf(binding === undefined)('the native addon and threads', () => {
  it('gives each of four JavaScript threads its own numbers, however many threads each computes with', () => {
    const { stdout, stderr, signal } = node(`
      const { Worker } = require('node:worker_threads');
      const seeds = [1, 2, 3, 4];
      const countOf = (seed) => (seed % 2) + 1;
      const alone = seeds.map((seed) => { binding.setThreads(countOf(seed)); return results(seed); });
      let open = seeds.length, wrong = 0;
      seeds.forEach((seed, index) => {
        const code = ${JSON.stringify(RESULTS)} + \`
          binding.setThreads(\${countOf(seed)});
          let wrong = 0;
          for (let i = 0; i < 60; i++) if (results(\${seed}) !== '\${alone[index]}') wrong++;
          require('node:worker_threads').parentPort.postMessage(wrong);\`;
        new Worker(code, { eval: true }).on('message', (count) => {
          wrong += count;
          if (--open === 0) console.log('wrong: ' + wrong);
        });
      });`);
    expect({ stdout, stderr, signal }).toEqual({ stdout: 'wrong: 0\n', stderr: '', signal: null });
  }, 180_000);

  it('keeps the number of threads of a JavaScript thread when another loads or sets it', () => {
    const { stdout } = node(`
      const { Worker } = require('node:worker_threads');
      binding.setThreads(2);
      const code = 'const b = require(' + JSON.stringify(${JSON.stringify(addonFile)}) + '); const before = b.describe().threads; b.setThreads(3); require("node:worker_threads").parentPort.postMessage(before)';
      new Worker(code, { eval: true }).on('message', (before) => console.log(before, binding.describe().threads));`);
    expect(stdout).toBe('1 2\n');
  });

  it.each([
    ['the process', 'process.exit(0)'],
    ['the thread', "worker.terminate().then(() => console.log('ended'))"],
  ])(
    'lets %s end while a thread computes',
    (_what, end) => {
      const { status, signal } = node(`
      const { Worker } = require('node:worker_threads');
      const code = ${JSON.stringify(RESULTS)} + 'binding.setThreads(2); results(1); require("node:worker_threads").parentPort.postMessage(0); for (;;) results(1);';
      const worker = new Worker(code, { eval: true });
      worker.on('message', () => { ${end}; });`);
      expect({ status, signal }).toEqual({ status: 0, signal: null });
    },
    180_000,
  );

  it('can be loaded by one thread after another, and by none that stays', () => {
    const { stdout, signal } = node(`
      const { Worker } = require('node:worker_threads');
      const code = ${JSON.stringify(RESULTS)} + 'binding.setThreads(2); require("node:worker_threads").parentPort.postMessage(results(1));';
      const found = new Set();
      (async () => {
        for (let i = 0; i < 12; i++) {
          await new Promise((done) => new Worker(code, { eval: true }).on('message', (digest) => found.add(digest)).on('exit', done));
        }
        console.log(found.size);
      })();`);
    expect({ stdout, signal }).toEqual({ stdout: '1\n', signal: null });
  }, 180_000);

  const variables: readonly (readonly [string, string])[] = [
    ['OMP_NUM_THREADS', '0'],
    ['OMP_NUM_THREADS', '100000'],
    ['OMP_THREAD_LIMIT', '1'],
    ['OMP_DYNAMIC', 'true'],
    ['OMP_NESTED', 'true'],
    ['OMP_MAX_ACTIVE_LEVELS', '0'],
    ['OMP_WAIT_POLICY', 'active'],
    ['OMP_WAIT_POLICY', 'passive'],
    ['OMP_PROC_BIND', 'true'],
    ['OMP_PLACES', '{0}'],
    ['OMP_CANCELLATION', 'true'],
    ['OMP_SCHEDULE', 'guided,7'],
    ['OMP_STACKSIZE', '16k'],
    ['GOMP_SPINCOUNT', 'infinity'],
  ];
  let asEver: string | undefined;
  it.each(variables)(
    'computes to the bit as ever with %s=%s, or says that it cannot',
    (name, value) => {
      const script = `
      try { binding.setThreads(2); } catch (error) { console.log(error.message); process.exit(0); }
      console.log(results(1));`;
      asEver ??= node(script).stdout;
      const { stdout, status, signal } = node(script, { [name]: value });
      expect({ status, signal }).toEqual({ status: 0, signal: null });
      if (stdout !== asEver) expect(stdout).toMatch(new RegExp(`unset ${name}\n$`));
    },
    300_000,
  );

  it('refuses more threads than the system has room for, and still works afterwards', () => {
    // A limit of address space is one that a test may set: 1,023 stacks do not fit.
    const { stdout, status } = spawnSync(
      'sh',
      [
        '-c',
        'ulimit -v $(( 3 * 1024 * 1024 )); exec "$0" "$@"',
        process.execPath,
        '-e',
        `${RESULTS}
        const before = results(1);
        try { binding.setThreads(1024); console.log('1024 threads'); } catch (error) { console.log(error.message); }
        console.log(binding.describe().threads, results(1) === before);`,
      ],
      { encoding: 'utf8', timeout: 120_000 },
    );
    if (status === 0) expect(stdout).toMatch(/the system gives no 1023 threads more: .*\n1 true\n$/);
  }, 180_000);
});
