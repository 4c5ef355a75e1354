// Measures the shared cache on a real nginx of this machine (test/rig/nginx.sh): artefacts pushed and pulled, a large blob next to curl, and what a
// shared cache that is off, slow or failing costs a run.
//   npm run bench:remote                     a table of seconds; each case in turns, the least of --rounds
//   --nodes 10000 --megabytes 1000 --rounds 3 --folder DIR
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10000' },
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const rounds = Number(options.rounds);

const PIPELINE = `version: 1
name: remote
params: {nodes: ${Number(options.nodes)}, megabytes: ${Number(options.megabytes)}}
stages:
  many: {run: stages/many.ts#many, each: {n: {from: 1, to: "\${nodes}"}}, outputs: {out: json}}
  busy: {run: stages/many.ts#busy, each: {n: {from: 1, to: 200}}, outputs: {out: json}}
  large: {run: stages/many.ts#large, params: {megabytes: "\${megabytes}"}, outputs: {out: file}}
targets: {many: {nodes: [many]}, busy: {nodes: [busy]}, large: {files: {large: large.out}}}
`;
const STAGES = `import { closeSync, openSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, file, json } from 'vmfdag';
const none = v.object({});
export const many = /* @__PURE__ */ defineStage({
  params: none, inputs: {}, outputs: { out: json() },
  run: ({ coordinates }) => ({ out: 'x'.repeat(900) + coordinates.n }),
});
export const busy = /* @__PURE__ */ defineStage({
  params: none, inputs: {}, outputs: { out: json() },
  async run({ coordinates }) { await sleep(300); return { out: coordinates.n }; },
});
export const large = /* @__PURE__ */ defineStage({
  params: v.object({ megabytes: v.number() }), inputs: {}, outputs: { out: file },
  run({ params, scratch }) {
    const descriptor = openSync(join(scratch, 'out'), 'w');
    const piece = randomFillSync(Buffer.alloc(1_000_000));
    for (let index = 0; index < params.megabytes; index++) {
      piece.writeUInt32LE(index, 0);
      writeSync(descriptor, piece);
    }
    closeSync(descriptor);
    return { out: 'out' };
  },
});
`;

/** Those of this process. */
const servers = [];

const top = mkdtempSync(join(options.folder, 'vmfdag-remote-'));
const rig = (...args) =>
  execFileSync(join(root, 'test/rig/nginx.sh'), args, { encoding: 'utf8', env: { ...process.env, RIG_KEEP: '1' } });
try {
  measure();
  if (!process.env.ONLY) await measureTrouble();
} finally {
  rig('down', join(top, 'nginx'));
  rmSync(top, { recursive: true, force: true });
}

function newProject(name) {
  const folder = join(top, name);
  mkdirSync(join(folder, 'stages'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const each of ['valibot', 'vmfdag'])
    symlinkSync(join(root, 'node_modules', each), join(folder, 'node_modules', each));
  writeFileSync(join(folder, 'package.json'), '{"name": "remote", "type": "module"}\n');
  writeFileSync(join(folder, 'pipeline.yaml'), PIPELINE);
  writeFileSync(join(folder, 'stages/many.ts'), STAGES);
  return folder;
}

function vmfdag(folder, args, url = '') {
  const env = { ...process.env, VMFDAG_SHARED_CACHE: url, NODE_EXTRA_CA_CERTS: '' };
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'src/engine/bin/vmfdag.cjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 30,
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`vmfdag ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { seconds, said: stdout.trimEnd().split('\n').at(-1) };
}

function row(what, seconds, more = '') {
  console.log(`${seconds.toFixed(2).padStart(8)}  ${what}${more ? `  (${more})` : ''}`);
}

/** The least seconds of some rounds. */
function least(what, run) {
  const all = Array.from({ length: rounds }, () => run());
  const best = all.reduce((a, b) => (a.seconds <= b.seconds ? a : b));
  row(what, best.seconds, best.said);
  return best.seconds;
}

function measure() {
  const url = /RIG_HTTP_URL=(\S+)/.exec(rig('up', join(top, 'nginx'), '0'))[1];
  const made = newProject('made');
  console.log('seconds  command');
  row(`run of ${options.nodes} nodes, without a shared cache`, vmfdag(made, ['run', 'many', '--json']).seconds);
  const clear = () => rmSync(join(top, 'nginx/store'), { recursive: true, force: true });
  least(`cache push of ${options.nodes} nodes of 1 kB`, () => {
    clear();
    return vmfdag(made, ['cache', 'push', 'many'], url);
  });
  least(`cache pull of ${options.nodes} nodes of 1 kB`, () => {
    const folder = newProject('pulled');
    const pulled = vmfdag(folder, ['cache', 'pull', 'many'], url);
    rmSync(folder, { recursive: true });
    return pulled;
  });
  vmfdag(made, ['run', 'large', '--json']);
  const pushed = least(`cache push of ${options.megabytes} MB`, () => {
    clear();
    return vmfdag(made, ['cache', 'push', 'large'], url);
  });
  const digest = JSON.parse(
    execFileSync(process.execPath, [join(root, 'src/engine/bin/vmfdag.cjs'), 'status', '-t', 'large', '--json'], {
      cwd: made,
      encoding: 'utf8',
    }),
  )[0].outputs[0];
  const file = join(top, 'curled');
  const curl = (args) => {
    const start = performance.now();
    execFileSync('curl', ['-sf', ...args]);
    return { seconds: (performance.now() - start) / 1000 };
  };
  const pulled = least(`cache pull of ${options.megabytes} MB`, () => {
    const folder = newProject('pulled');
    const result = vmfdag(folder, ['cache', 'pull', 'large'], url);
    rmSync(folder, { recursive: true });
    return result;
  });
  const down = least('curl, the same blob down', () => curl(['-o', file, `${url}/cas/${digest}`]));
  const down256 = least('curl down, then sha256sum', () => {
    const first = curl(['-o', file, `${url}/cas/${digest}`]).seconds;
    const start = performance.now();
    execFileSync('sha256sum', [file]);
    return { seconds: first + (performance.now() - start) / 1000 };
  });
  const up = least('curl, the same blob up', () =>
    curl(['-T', file, '-o', '/dev/null', `${url}/cas/${'0'.repeat(64)}`]),
  );
  console.log(
    `   curl / pull ${(down / pulled).toFixed(2)}, curl and sha256sum / pull ${(down256 / pulled).toFixed(2)}, curl / push ${(up / pushed).toFixed(2)}`,
  );
  rmSync(file);
}

/** A run of 30 s next to the same one with a shared cache that does not help. */
async function measureTrouble() {
  const cases = [
    ['without a shared cache', ''],
    ['off (nobody listens)', 'http://127.0.0.1:9/'],
    ['500 to everything', await answering((_, response) => response.writeHead(500).end())],
    ['5 s for each answer', await answering((_, response) => setTimeout(() => response.writeHead(404).end(), 5000))],
    ['no answer ever', await answering(() => {})],
  ];
  const best = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const [name, url] of cases) {
      const folder = newProject('busy');
      const { seconds } = await ended(folder, url);
      rmSync(folder, { recursive: true });
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, seconds));
    }
  }
  const [, base] = [...best][0];
  for (const [name, seconds] of best)
    row(`run of 200 nodes of 0.3 s, shared cache: ${name}`, seconds, `${((seconds / base - 1) * 100).toFixed(1)} %`);
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
}

/** A server in this process. @returns its address */
async function answering(answer) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

/** A run, while servers of this process answer. */
async function ended(folder, url) {
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, 'src/engine/bin/vmfdag.cjs'), 'run', 'busy', '--jobs', '2'], {
    cwd: folder,
    env: { ...process.env, VMFDAG_SHARED_CACHE: url, NODE_EXTRA_CA_CERTS: '' },
    stdio: 'ignore',
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000 };
}
