// A worker process for tests of the pool: the node's name says what it does. It speaks the protocol of src/engine/workers/protocol.ts.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

const setup = JSON.parse(process.argv[2]);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Says when a job begins, and when it has told all it has to tell. */
const jobs = new EventEmitter();
const channel = new Socket({ fd: 3 });
const send = (message) => channel.write(`${JSON.stringify(message)}\n`);

channel.on('close', () => process.exit(1));
createInterface({ input: channel }).on('line', (line) => {
  if (line === '') return;
  const message = JSON.parse(line);
  if (message.type === 'exit') process.exit(0);
  else void work(message);
});

async function work({ token, job: { node } }) {
  jobs.emit('begin');
  const computed = (seconds, isSpent = false) => send({ type: 'computed', token, seconds, isSpent });
  const committed = (seconds, outputs = [String(process.pid)], isSpent = false) =>
    send({ type: 'committed', token, outputs, seconds, bytes: 12, isSpent });
  switch (node.split('/')[0]) {
    case 'fine':
      send({ type: 'progress', token, fraction: 0.5 });
      send({ type: 'metrics', token, values: [{ name: 'loss', step: 3, value: 'NaN' }] });
      computed(1);
      committed(1);
      break;
    case 'setup':
      committed(1, [setup.root, setup.cacheDirectory, setup.run, setup.host]);
      break;
    case 'fails':
      send({
        type: 'failed',
        metrics: [{ name: 'loss', count: 1, min: 1, max: 1, steps: [0], times: [5], values: [1] }],
        token,
        cause: 'stage',
        diagnostic: { fact: 'it threw', fix: 'repair it' },
        log: 'line 1\n',
        isSpent: false,
      });
      break;
    case 'abort':
      console.error('about to abort');
      process.abort();
      break;
    case 'exits':
      console.log('printed');
      process.stderr.write('out of cheese\n', () => process.exit(7));
      break;
    case 'killed':
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'leaves-a-child': {
      const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], {
        stdio: 'inherit',
        detached: true,
      });
      child.once('spawn', () => {
        process.stderr.write(`left ${child.pid}\n`, () => process.kill(process.pid, 'SIGKILL'));
      });
      break;
    }
    case 'where':
    case 'where-else':
      committed(1, [process.cwd(), String(process.env.TZ), String(process.env.DECLARED), String(process.env.HIDDEN)]);
      break;
    case 'tells-a-secret':
      process.stdout.write(`the password is ${process.env.SECRET}\n`);
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'forges':
      // What a stage could write to the descriptor: without the token, of a wrong shape, no JSON at all, and half a line.
      writeSync(3, `${JSON.stringify({ type: 'committed', job: 1, outputs: ['forged'], seconds: 1, bytes: 1 })}\n`);
      writeSync(
        3,
        `${JSON.stringify({ type: 'committed', token: 'guessed', outputs: ['forged'], seconds: 1, bytes: 1 })}\n`,
      );
      writeSync(
        3,
        `${JSON.stringify({ type: 'committed', token, outputs: 'forged' })}\nnull\n[1]\n{"type"\nhalf a line`,
      );
      channel.write('\n');
      committed(1, ['true']);
      break;
    case 'closes-the-channel':
      closeSync(3);
      await sleep(60_000);
      break;
    case 'child-of-worker': {
      // In the worker's own group, and once by way of a process that ends at once.
      const one = spawn('sleep', ['600'], { stdio: 'ignore' });
      const other = spawn('sh', ['-c', 'sleep 600 & echo $!']);
      const [line] = await once(createInterface({ input: other.stdout }), 'line');
      process.stdout.write(`children ${one.pid} ${line}\n`);
      for (const child of [one.pid, Number(line)]) send({ type: 'progress', token, fraction: child });
      if (node.endsWith('hangs')) await sleep(60_000);
      if (node.endsWith('killed')) process.kill(process.pid, 'SIGKILL');
      computed(1, true);
      committed(1, [String(one.pid), line], true);
      break;
    }
    case 'late': {
      committed(1);
      send({ type: 'warning', token, diagnostic: { fact: 'it came late' } });
      break;
    }
    case 'hangs':
      process.stderr.write('still thinking\n');
      await sleep(60_000);
      break;
    // Short stages: the next job may come while this one is still on its way to the disk.
    case 'short-until-next-ends':
      computed(0.001);
      await once(jobs, 'end');
      committed(0.001);
      break;
    case 'short-until-next-begins':
      computed(0.001);
      await once(jobs, 'begin');
      committed(0.001);
      break;
    case 'short-then-never':
      computed(0.001);
      break;
    case 'computed-then-killed':
      computed(1);
      await sleep(20);
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'slow':
      await sleep(150);
      computed(1);
      committed(1);
      break;
    case 'computed-then-slow':
      computed(1);
      await sleep(700);
      committed(1);
      break;
    default:
      throw new Error(`no such node: ${node}`);
  }
  jobs.emit('end');
}
