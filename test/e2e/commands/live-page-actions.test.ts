import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, inChromium, launch, openPage } from '../support/browser.ts';
import type { Running } from '../support/command-line.ts';
import { serve } from '../support/live-page.ts';
import { type Project, projectOf } from '../support/project.ts';

/** `wait/2` and `wait/3` say which process executes them, and wait for the file `gate`. `large` and `notes` keep no bytes. */
const PIPELINE = `version: 1
name: clicks
params: {numbers: [1, 2, 3]}
stages:
  wait: {run: stages/wait.ts, each: {n: "\${numbers}"}, outputs: {n: json}, undeclared: ignore}
  sum: {run: stages/sum.ts, inputs: {n: "wait.n[n=*]"}, outputs: {sum: json}}
  large: {run: stages/large.ts, outputs: {text: markdown}, retain: none}
  length: {run: stages/length.ts, inputs: {text: large.text}, outputs: {length: json}}
  notes: {run: stages/notes.ts, outputs: {text: markdown}, retain: none}
  count: {run: stages/length.ts, inputs: {text: notes.text}, outputs: {length: json}}
  rise: {run: stages/rise.ts, each: {n: "\${numbers}"}, outputs: {n: json}, undeclared: ignore}
targets:
  sum: {files: {sum.json: sum.sum}}
  length: {files: {length.json: length.length}}
`;

const STAGES = {
  'stages/wait.ts': `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { n: json<number>() },
  async run({ coordinates, log }) {
    const n = Number(coordinates.n);
    if (n > 1) writeFileSync('process-' + n, String(process.pid));
    log('waits');
    while (n > 1 && !existsSync('gate')) await sleep(10);
    return { n };
  },
});
`,
  'stages/rise.ts': `import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { n: json<number>() },
  async run({ metric }) {
    for (let step = 0; !existsSync('top'); step++) {
      metric('height', 1000 + step, step);
      await sleep(20);
    }
    metric('height', 1e6, 1e6);
    return { n: 1 };
  },
});
`,
  'stages/sum.ts': `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { n: many(json<number>()) },
  outputs: { sum: json<number>() },
  run: ({ inputs }) => ({ sum: inputs.n.reduce((sum, { value }) => sum + value, 0) }),
});
`,
  'stages/large.ts': `import * as v from 'valibot';
import { defineStage, markdown } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { text: markdown },
  run: () => ({ text: '# The bytes are here\\n'.repeat(1000) }),
});
`,
  'stages/notes.ts': `import * as v from 'valibot';
import { defineStage, markdown } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { text: markdown },
  run: () => ({ text: '# Notes of a target\\n' }),
});
`,
  'stages/length.ts': `import * as v from 'valibot';
import { defineStage, json, markdown, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { text: one(markdown) },
  outputs: { length: json<number>() },
  run: ({ inputs }) => ({ length: inputs.text.length }),
});
`,
};

describe.skipIf(!hasChromium)(`what a click on the live page does ${inChromium}`, () => {
  let project: Project;
  let browser: Browser;
  let server: Running;
  let address: string;

  beforeAll(async () => {
    project = projectOf({ 'pipeline.yaml': PIPELINE, ...STAGES });
    ({ running: server, address } = await serve(project));
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    server?.signal('SIGTERM');
    await server?.ended;
  });

  const open = async (hash: string): Promise<{ readonly page: Page; readonly faults: readonly string[] }> => {
    const watched = await openPage(browser, address);
    await watched.page.getByRole('heading', { level: 1 }).waitFor();
    await watched.page.goto(`${new URL(address).origin}/${hash}`);
    return watched;
  };

  it('stop now: running nodes are ended with their work, what is finished stays, and the next run does the rest', async () => {
    const { page, faults } = await open('#/');
    const run = project.start(['run', '--target', 'sum', '--jobs', '3']);
    await expect
      .poll(() => [2, 3].every((n) => existsSync(project.path(`process-${n}`))), { timeout: 30_000 })
      .toBe(true);
    await expect.poll(() => run.outputText()).toContain('finish   wait/1');
    const processes = [2, 3].map((n) => Number(project.read(`process-${n}`)));
    expect(processes.map(isAlive)).toEqual([true, true]);

    await page.getByRole('button', { name: 'Stop now…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop this run now?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForTimeout(500);
    expect(processes.map(isAlive)).toEqual([true, true]);

    await page.getByRole('button', { name: 'Stop now…' }).click();
    await dialog.getByRole('button', { name: 'Stop now', exact: true }).click();
    await page.getByText('Running nodes are ended.').waitFor();
    expect((await run.ended).code).toBe(130);
    expect(processes.map(isAlive)).toEqual([false, false]);
    await page.locator('.strip').getByText('interrupted', { exact: true }).waitFor();
    // What it says of the nodes: one is done, and nobody came to the others.
    await page.locator('.graph a', { hasText: 'wait' }).getByText('1 of 3').waitFor();
    await page.goto(`${new URL(address).origin}/#/node/wait/2`);
    await page.locator('.standing').getByText('skipped').waitFor();

    project.write('gate', '');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('.strip').getByText('done', { exact: true }).waitFor({ timeout: 60_000 });
    expect(project.read('results/sum.json').trim()).toBe('6');
    // All but `wait/1`.
    expect(await countsOfLastRun(project)).toMatchObject({ executed: 5, upToDate: 1 });
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('fetch: evicted bytes are restored, and are the same ones', async () => {
    const { page, faults } = await open('#/node/large');
    await page.locator('.output').getByText('evicted').waitFor();
    expect((await project.execute(['cache', 'get', 'large.text', 'before.md'])).code).not.toBe(0);
    const digest = await page.locator('.output code').getAttribute('title');

    await page.getByRole('button', { name: 'Fetch its bytes' }).click();
    await page.frameLocator('iframe.document').getByText('The bytes are here').first().waitFor({ timeout: 60_000 });
    // In the type of the page, although nothing reaches the frame.
    const loaded = '[...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family)';
    await expect.poll(() => page.frames()[1]?.evaluate(loaded)).toContain('Source Sans 3');
    expect(await page.locator('.output code').getAttribute('title')).toBe(digest);
    expect(await page.getByRole('button', { name: 'Fetch its bytes' }).count()).toBe(0);
    expect((await project.execute(['cache', 'get', 'large.text', 'after.md'])).code).toBe(0);
    expect(project.read('after.md')).toBe('# The bytes are here\n'.repeat(1000));
    // Only that node was executed again.
    expect(await countsOfLastRun(project)).toMatchObject({ executed: 0, restored: 1, failed: 0 });
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('fetch, among the results: the bytes of a file that a new target will publish', async () => {
    expect((await project.execute(['run', '--target', 'count'])).code).toBe(0);
    project.write('pipeline.yaml', `${PIPELINE}  notes: {files: {notes.md: notes.text}}\n`);
    const { page, faults } = await open('#/results/notes');
    await page.getByText('Its bytes are evicted.').waitFor();
    await page.getByRole('button', { name: 'Fetch them' }).click();
    await page.frameLocator('iframe.document').getByText('Notes of a target').waitFor({ timeout: 60_000 });
    expect(await page.getByText('Its bytes are evicted.').count()).toBe(0);
    expect(await countsOfLastRun(project)).toMatchObject({ executed: 0, restored: 1, failed: 0 });
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('colours by a metric: values come while nodes run, without the rest of the matrix', async () => {
    const { page, faults } = await open('#/');
    const run = project.start(['run', '--target', 'rise', '--jobs', '3']);
    await page.locator('.strip').getByText('running', { exact: true }).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${new URL(address).origin}/#/stage/rise?colour=metric%3Aheight`);
    await page.getByRole('grid').focus();
    const cell = page.locator('#matrix-cell');
    const height = async () => Number(/height ([\d.]+)/.exec((await cell.textContent()) ?? '')?.[1] ?? Number.NaN);
    await expect.poll(height, { timeout: 20_000 }).toBeGreaterThanOrEqual(1000);
    const seen = await height();
    await expect.poll(height, { timeout: 20_000 }).toBeGreaterThan(seen);
    project.write('top', '');
    await expect.poll(height, { timeout: 20_000 }).toBe(1e6);
    expect((await run.ended).code).toBe(0);
    expect(asked.filter((path) => path === '/api/matrix').length).toBeLessThanOrEqual(2);
    expect(asked).toContain('/api/values');
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

function isAlive(process_: number): boolean {
  try {
    return process.kill(process_, 0);
  } catch {
    return false;
  }
}

/** How many nodes of the last run ended how. */
async function countsOfLastRun(project: Project): Promise<Readonly<Record<string, number>>> {
  const { counts } = await project.json<{ counts: Readonly<Record<string, number>> }>(['history', 'show', 'last']);
  return counts;
}
