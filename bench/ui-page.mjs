// Measures the live page in Chromium while a run is active: when one sees something, how many frames a second it draws while one scrolls, and its memory.
//   node bench/ui-page.mjs                 a table
//   node bench/ui-page.mjs --json          one JSON object a line
//   --nodes 10000,100000   --chromium PATH
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { report, start, until, withProject } from './ui-project.mjs';

const FRAMES = 300;
const WINDOW = { viewport: { width: 1280, height: 900 } };
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '10000,100000' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const FORM = { json: options.json, digits: 1 };

for (const n of options.nodes.split(',').map(Number)) await withProject(n, (project) => look(project, n));

async function look(project, n) {
  const run = start(project, ['run', '--jobs', '1']);
  const server = start(project, ['ui', '--no-open', '--json', '--port', '0']);
  await until(() => server.text().trimEnd().endsWith('}'));
  const { address } = JSON.parse(server.text());
  const browser = await chromium.launch({ executablePath: options.chromium, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage(WINDOW);
    await page.goto(address);
    await page.locator('.strip').getByText('running', { exact: true }).waitFor({ timeout: 180_000 });
    await sleep(2000);

    const overviewMs = await viewAfterAnswer(browser, page, '#/', '/api/overview', '.graph a');
    const matrixMs = await viewAfterAnswer(browser, page, '#/stage/cell', '/api/matrix', '.matrix canvas');
    await page.goto(new URL('#/stage/cell', page.url()).href);
    await page.locator('.matrix canvas').waitFor();
    await sleep(1000);
    const matrix = await frames(page, '.matrix');
    report(FORM, {
      what: 'page',
      nodes: n,
      overviewMs,
      matrixMs,
      ...matrix,
      ...(await memory(browser, page)),
    });
  } finally {
    await browser.close();
    run.kill('SIGKILL');
    server.kill('SIGINT');
    await Promise.all([run.ended, server.ended]);
  }
}

/** Milliseconds from the answer of the server to the first picture of a view, in a page that has just been opened. */
async function viewAfterAnswer(browser, opened, hash, path, selector) {
  const context = await browser.newContext({ storageState: await opened.context().storageState(), ...WINDOW });
  const page = await context.newPage();
  await page.addInitScript((wanted) => {
    globalThis.seen = new Promise((resolve) => {
      const look = () => {
        if (document.querySelector(wanted)) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  }, selector);
  await page.goto(new URL(hash, opened.url()).href);
  const milliseconds = await page.evaluate(async (wanted) => {
    const seen = await globalThis.seen;
    const answers = performance.getEntriesByType('resource').filter(({ name }) => name.includes(wanted));
    return seen - answers[0].responseEnd;
  }, path);
  await context.close();
  return milliseconds;
}

/** Scrolls a frame at a time, and tells how long frames take. */
async function frames(page, selector) {
  const times = await page.evaluate(
    ([wanted, count]) =>
      new Promise((resolve) => {
        const element = document.querySelector(wanted);
        const taken = [];
        let last = performance.now();
        let at = 0;
        const step = () => {
          const now = performance.now();
          taken.push(now - last);
          last = now;
          at += 29;
          element.scrollTop = at % Math.max(1, element.scrollHeight - element.clientHeight);
          if (taken.length < count) requestAnimationFrame(step);
          else resolve(taken.slice(1));
        };
        requestAnimationFrame(step);
      }),
    [selector, FRAMES],
  );
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return {
    framesPerSecond: (1000 * times.length) / times.reduce((a, b) => a + b, 0),
    frameMs: at(0.5),
    frameMs95: at(0.95),
    frameMsMax: at(1),
  };
}

/** What the page's process holds alone, and its script. */
async function memory(browser, page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1e6;
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => privateMB(id));
  return { heapMB: heap, processMB: Math.max(...renderers) };
}

function privateMB(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0);
  return ((of('Private_Clean') + of('Private_Dirty')) * 1024) / 1e6;
}
