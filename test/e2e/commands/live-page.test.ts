import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityFaults,
  hasChromium,
  inChromium,
  keepPicture,
  launch,
  openPage,
  overflows,
} from '../support/browser.ts';
import type { Running } from '../support/command-line.ts';
import { serve } from '../support/live-page.ts';
import { marblesProject } from '../support/marbles.ts';
import type { Project } from '../support/project.ts';

/** The views of a run, by address. */
const VIEWS = {
  overview: '#/',
  matrix: '#/stage/throw',
  seconds: '#/stage/throw?colour=seconds&x=seed&y=rate',
  metric: '#/stage/throw?colour=metric%3Aheight',
  failed: '#/node/throw/0.4/2',
  retried: '#/node/throw/0.1/2',
  table: '#/node/table',
  workers: '#/workers',
  experiments: '#/experiments',
  results: '#/results',
} as const;

describe.skipIf(!hasChromium)(`the live page ${inChromium}`, () => {
  let project: Project;
  let browser: Browser;
  let server: Running;
  let address: string;
  let first: Running;

  beforeAll(async () => {
    project = marblesProject();
    ({ running: server, address } = await serve(project));
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    server?.signal('SIGTERM');
    first?.signal('SIGKILL');
    await server?.ended;
  });

  it('refuses who has no token, and says where it is', async () => {
    const { page } = await openPage(browser, new URL(address).origin);
    await page.getByRole('heading', { name: 'This page needs its token' }).waitFor();
    await page.context().close();
  });

  it('follows a run: a node fails, one is tried again, a worker dies, the run is stopped from the page and goes on', async () => {
    const { page, faults } = await openPage(browser, address);
    await page.getByText('no run yet').waitFor();
    expect(page.url()).not.toContain('token');
    expect(await page.evaluate('document.cookie')).toBe('');

    first = project.start(['run', '--keep-going', '--jobs', '3']);
    await page.getByText('running', { exact: true }).first().waitFor();
    // A node of rate 0.4 has failed, and two others wait for the gate.
    await page.getByText('the hill is too steep at rate 0.4').first().waitFor();
    await page.getByRole('heading', { name: 'Running now' }).waitFor();
    expect(await page.locator('.graph a').allInnerTexts()).toHaveLength(3);
    await page.locator('.graph .has-failed text', { hasText: '1 failed' }).waitFor();
    await keepPicture(page, 'running-overview');

    await page.locator('.graph a', { hasText: 'throw' }).click();
    await page.getByRole('heading', { name: 'throw', level: 1 }).waitFor();
    await matrixByKeyboard(page);
    await page.getByRole('heading', { name: 'throw / 0.2 / 1', level: 1 }).waitFor();
    // Its worker was killed in the first attempt.
    await page.getByRole('heading', { name: 'Attempts' }).waitFor();
    expect(await page.locator('.attempts').innerText()).toMatch(/2\.\s+executed.*1\.\s+(failed|lost)/s);

    await page.goto(`${new URL(address).origin}/#/node/throw/0.4/1`);
    await page.locator('.log .line', { hasText: 'step 190 height' }).waitFor();
    await page.getByRole('img', { name: /^height: \d+ values, from 3 at 0/ }).waitFor();
    await page.locator('.standing').getByText('running').waitFor();
    await keepPicture(page, 'running-node');

    await page.getByRole('button', { name: 'Stop…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(first.outputText()).not.toContain('stopping');
    await page.getByRole('button', { name: 'Stop…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('stopping').first().waitFor();
    project.write('gate', '');
    await page.getByText('interrupted').first().waitFor();
    expect((await first.ended).code).toBe(130);
    await page.locator('.standing').getByText('executed').waitFor();

    await page.keyboard.press('o');
    await page.getByRole('heading', { name: 'marbles', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    // The same node fails, and the run with it.
    await page.locator('.strip').getByText('failed', { exact: true }).waitFor();
    await page.goto(`${new URL(address).origin}/#/node/throw/0.4/2`);
    await page.getByRole('heading', { name: 'Failure' }).waitFor();
    await page.locator('.failure').getByText('the hill is too steep at rate 0.4').first().waitFor();
    await keepPicture(page, 'failed-node');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('shows every view in light, dark and narrow, without a fault', async () => {
    project.edit('pipeline.yaml', 'fails: true', 'fails: false');
    expect(await project.run()).toMatchObject({ code: 0, stderr: '' });
    const modes = {
      light: {},
      dark: { colorScheme: 'dark', reducedMotion: 'reduce' },
      narrow: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    } as const;
    for (const [mode, options] of Object.entries(modes)) {
      const { page, faults } = await openPage(browser, address, options);
      for (const [view, hash] of Object.entries(VIEWS)) {
        await page.goto(`${new URL(address).origin}/${hash}`);
        await settled(page);
        await keepPicture(page, `${view}-${mode}`);
        expect(await accessibilityFaults(page), `${view}, ${mode}`).toEqual([]);
        expect(await overflows(page), `${view}, ${mode}`).toBe(false);
      }
      expect(faults, mode).toEqual([]);
      await page.context().close();
    }
  });

  it('shows inputs and outputs, where results come from, and why a node would run now', async () => {
    const { page, faults } = await openPage(browser, address);
    const go = (hash: string) => page.goto(`${new URL(address).origin}/${hash}`);

    await go('#/node/table');
    await page
      .getByRole('row', { name: /0\.1 1 / })
      .first()
      .waitFor();
    await page.locator('iframe[sandbox]').waitFor();
    await page.getByRole('link', { name: 'throw/0.1/1', exact: true }).waitFor();
    await go('#/node/throw/0.1/1');
    await page.getByRole('row', { name: /path F32 200/ }).waitFor();
    await page.getByRole('img', { name: 'Distribution of path' }).waitFor();

    await go('#/results/figure');
    const figure = page.getByRole('img', { name: 'marbles.svg' });
    await figure.waitFor();
    expect(await figure.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(320);
    await page.getByText('Where it comes from').click();
    await page.getByRole('region', { name: 'Where figure comes from' }).getByRole('link', { name: 'throw' }).waitFor();

    project.edit('stages/plot.ts', '#0072b2', '#d55e00');
    await go('#/node/plot?run=last');
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'look again' }).click();
          return page.locator('.diff .added').allInnerTexts();
        },
        { timeout: 20_000, interval: 1200 },
      )
      .toEqual([expect.stringContaining('#d55e00')]);
    await page.getByText('The rules, in their order').click();
    await page.locator('.rules .decides', { hasText: 'code' }).waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('compares runs: sorted, filtered, over each other, with names of their own', async () => {
    const { page, faults } = await openPage(browser, address);
    await page.goto(`${new URL(address).origin}/#/experiments`);
    const rows = page.locator('.experiments tbody tr');
    // The run that was stopped and went on is one experiment.
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(2);
    await page.getByRole('cell', { name: /the hill is too steep/ }).waitFor();

    await page.getByRole('button', { name: 'state', exact: true }).click();
    await page
      .getByRole('columnheader', { name: 'state', exact: false })
      .and(page.locator('[aria-sort=ascending]'))
      .waitFor();
    await expect.poll(() => rows.first().innerText()).toContain('done');
    await page.keyboard.press('/');
    await page.keyboard.type('state=failed');
    await expect.poll(() => rows.count()).toBe(1);
    expect(page.url()).toContain('filter=state%3Dfailed');

    await page.getByRole('button', { name: /^tag / }).click();
    await page.getByLabel('Name', { exact: true }).fill('steep hill');
    await page.getByLabel('Note', { exact: true }).fill('too steep at 0.4');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'steep hill' }).waitFor();

    await page.getByRole('searchbox').fill('');
    await expect.poll(() => rows.count()).toBe(2);
    for (const box of await page.getByRole('checkbox', { name: /^Compare / }).all()) await box.check();
    await page.getByRole('img', { name: /steep hill throw.*: 200 values/ }).waitFor();
    await page.getByRole('img', { name: /^marbles\.svg of / }).waitFor();
    await keepPicture(page, 'compared');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('shows the view of an address that changes while the page opens', async () => {
    const { page, faults } = await openPage(browser, address);
    await page.addInitScript({
      content: `new MutationObserver((_, observer) => {
        if (!document.getElementById('main')) return;
        observer.disconnect();
        location.hash = '#/workers';
      }).observe(document, { childList: true, subtree: true });`,
    });
    await page.reload();
    await page.getByRole('heading', { name: 'Workers', level: 1 }).waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('is used by the keyboard alone', async () => {
    const { page } = await openPage(browser, address);
    await page.getByRole('heading', { name: 'marbles', level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('w');
    await page.getByRole('heading', { name: 'Workers', level: 1 }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Workers');
    await page.getByRole('application').focus();
    await page.keyboard.press('+');
    await page.getByRole('button', { name: 'Show all' }).waitFor();
    expect(page.url()).toContain('from=');
    await page.keyboard.press('0');
    await page.getByRole('button', { name: 'Show all' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('says when its server is away, and keeps what it shows', async () => {
    const { page } = await openPage(browser, address);
    await page.getByRole('heading', { name: 'Graph' }).waitFor();
    server.signal('SIGTERM');
    await server.ended;
    await page.getByText('The server is away').waitFor();
    expect(await page.getByRole('heading', { name: 'Graph' }).isVisible()).toBe(true);
    const port = new URL(address).port;
    ({ running: server, address } = await serve(project, ['--port', port]));
    await page.context().close();
  });
});

/** Goes to the node of rate 0.2 and seed 1 by arrow keys, and opens it. */
async function matrixByKeyboard(page: Page): Promise<void> {
  const grid = page.getByRole('grid');
  await grid.focus();
  const cell = page.locator('#matrix-cell');
  await expect.poll(() => cell.textContent()).toMatch(/^throw\/0\.1\/1, executed/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => cell.textContent()).toMatch(/^throw\/0\.2\/1, executed/);
  await page.keyboard.press('Enter');
}

/** Nothing is asked for any more, and nothing says that it is loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await expect.poll(() => page.locator('.loading').count()).toBe(0);
  await page.waitForTimeout(300);
}
