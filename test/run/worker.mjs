// A worker process for tests of the pool: the node's name says what it does. It speaks the protocol of src/run/protocol.ts.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

const setup = JSON.parse(process.argv[2]);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Says when a job begins, and when it has told all it has to tell. */
const jobs = new EventEmitter();
const send = (message) => process.send(message);

process.on('disconnect', () => process.exit(1));
process.on('message', (message) => {
  if (message.type === 'exit') process.exit(0);
  else void work(message.job);
});

async function work({ id, node }) {
  jobs.emit('begin');
  const computed = (seconds) => send({ type: 'computed', job: id, seconds });
  const committed = (seconds, outputs = [String(process.pid)]) =>
    send({ type: 'committed', job: id, outputs, seconds, bytes: 12 });
  switch (node.split('/')[0]) {
    case 'fine':
      send({ type: 'progress', job: id, fraction: 0.5 });
      computed(1);
      committed(1);
      break;
    case 'setup':
      committed(1, [setup.root, setup.cacheDirectory, setup.run, setup.host]);
      break;
    case 'fails':
      send({
        type: 'failed',
        job: id,
        cause: 'stage',
        diagnostic: { fact: 'it threw', fix: 'mend it' },
        log: 'line 1\n',
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
