// Measures the server of the live page: what its views cost with many nodes, and what viewers cost a run.
//   npm run bench:ui                  a table
//   npm run bench:ui -- --json        one JSON object a line
//   --nodes 10000,100000              sizes of the views
//   --viewers 20 --run-nodes 3000 --repeats 3   the run that is looked at, and how often
import { readFileSync } from 'node:fs';
import { get, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median, timed } from './timed.mjs';
import { program, report, start, until, withProject } from './ui-project.mjs';

const TICKS_PER_SECOND = 100;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '10000,100000' },
    viewers: { type: 'string', default: '20' },
    'run-nodes': { type: 'string', default: '3000' },
    repeats: { type: 'string', default: '3' },
  },
});

const FORM = { json: options.json, digits: 3 };

for (const n of options.nodes.split(',').map(Number)) await withProject(n, (project) => views(project, n));
await withProject(Number(options['run-nodes']), cost);

/** The views of a run that is active: the server builds its picture of it once, and keeps it up to date. */
async function views(project, n) {
  const run = start(project, ['run', '--jobs', '1']);
  const page = await open(project);
  await until(async () => JSON.parse((await page.read('/api/overview')).text).head.run !== null);
  await sleep(2000);
  await page.close();
  const fresh = await open(project);
  const first = await fresh.read('/api/overview');
  const again = await fresh.read('/api/overview');
  const matrix = await fresh.read('/api/matrix?stage=cell');
  const matrixAgain = await fresh.read('/api/matrix?stage=cell&metric=value');
  const node = await fresh.read('/api/node?node=cell/0/0');
  const [before, began] = [cpu(fresh.pid), Date.now()];
  const viewers = await fresh.listen(1, 5000);
  const event = Math.max(...viewers.flatMap(({ sizes }) => sizes));
  const busy = (cpu(fresh.pid) - before) / ((Date.now() - began) / 1000);
  report(FORM, {
    what: 'views',
    nodes: n,
    firstOverviewMs: first.ms,
    overviewMs: again.ms,
    overviewBytes: again.text.length,
    matrixMs: matrix.ms,
    matrixMetricMs: matrixAgain.ms,
    matrixBytes: matrix.text.length,
    nodeMs: node.ms,
    largestEventBytes: event,
    serverBusyShare: busy,
    serverPeakMB: peak(fresh.pid),
  });
  await fresh.close();
  run.kill('SIGKILL');
  await run.ended;
}

/**
 * The processor time of a run with all its processes, alone and while pages look at it, in turns. Since the cache grows, a later run takes longer:
 * every other time the run with viewers is the first of the two, and ratios are taken over neighbours.
 */
async function cost(project) {
  const count = Number(options.viewers);
  const rows = [];
  let last = 0;
  for (let repeat = 0; repeat < Number(options.repeats); repeat++) {
    const isFirst = repeat % 2 === 0;
    let alone = isFirst ? await timedRun(project, ++last) : undefined;
    const page = await open(project);
    const before = cpu(page.pid);
    const listening = page.listen(count, undefined);
    const seen = await timedRun(project, ++last);
    const server = cpu(page.pid) - before;
    page.stop();
    const events = (await listening).map(({ sizes }) => sizes.length);
    await page.close();
    alone ??= await timedRun(project, ++last);
    rows.push({
      alone: alone.cpu,
      seen: seen.cpu,
      aloneWall: alone.wall,
      seenWall: seen.wall,
      server,
      events: Math.max(...events),
    });
  }
  const medianOf = (of) => median(rows.map(of));
  const ratiosOf = (of) =>
    rows.length === 1 ? rows.map(of) : rows.slice(1).map((row, before) => Math.sqrt(of(rows[before]) * of(row)));
  const ratios = ratiosOf(({ seen, alone }) => seen / alone);
  report(FORM, {
    what: 'cost',
    nodes: Number(options['run-nodes']),
    viewers: count,
    runCpuSeconds: medianOf(({ alone }) => alone),
    runCpuWithViewers: medianOf(({ seen }) => seen),
    ratio: median(ratios),
    leastRatio: Math.min(...ratios),
    greatestRatio: Math.max(...ratios),
    wallRatio: median(ratiosOf(({ seenWall, aloneWall }) => seenWall / aloneWall)),
    serverCpuSeconds: medianOf(({ server }) => server),
    serverShare: medianOf(({ server, seen }) => server / seen),
    eventsEach: medianOf(({ events }) => events),
  });
}

function timedRun(project, last) {
  return timed(process.execPath, [program, 'run', '--set', `last=${last}`], project);
}

async function open(project) {
  const child = start(project, ['ui', '--no-open', '--json', '--port', '0']);
  await until(() => child.text().trimEnd().endsWith('}'));
  const { address, port, pid } = JSON.parse(child.text());
  const origin = `http://127.0.0.1:${port}`;
  const body = JSON.stringify({ token: address.split('#token=')[1] });
  const cookie = await new Promise((resolve) => {
    const headers = { origin, 'content-type': 'application/json' };
    request(`${origin}/api/session`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.headers['set-cookie'][0].split(';')[0]);
    }).end(body);
  });
  const sockets = new Set();
  let isOver = false;
  const stop = () => {
    isOver = true;
    for (const sent of sockets) sent.destroy();
  };
  /** As a page does: it goes over to the newest run when it is told of one. */
  const listenOn = async () => {
    const sizes = [];
    while (!isOver) {
      await new Promise((resolve) => {
        const sent = get(`${origin}/api/events?run=last`, { headers: { cookie }, agent: false }, (response) => {
          response.setEncoding('utf8').on('data', (piece) => {
            sizes.push(piece.length);
            if (/"newest":"/.test(piece)) sent.destroy();
          });
          response.on('close', resolve);
        });
        sent.on('error', resolve);
        sockets.add(sent);
      });
    }
    return { sizes };
  };
  return {
    pid,
    read: (path) =>
      new Promise((resolve, reject) => {
        const began = performance.now();
        get(origin + path, { headers: { cookie } }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece) => {
            text += piece;
          });
          response.on('end', () =>
            response.statusCode === 200
              ? resolve({ text, ms: performance.now() - began })
              : reject(new Error(`${path}: ${text}`)),
          );
        }).on('error', reject);
      }),
    /** Listens as so many pages, for a time or until `stop`. */
    listen: (count, milliseconds) => {
      if (milliseconds !== undefined) setTimeout(stop, milliseconds);
      return Promise.all(Array.from({ length: count }, listenOn));
    },
    stop,
    close: async () => {
      child.kill('SIGINT');
      await child.ended;
    },
  };
}

/** Seconds of processor time that a process has taken. */
function cpu(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function peak(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
