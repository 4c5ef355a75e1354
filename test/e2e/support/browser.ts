import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.VMFDAG_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Whether the tests in a browser can run, for `describe.skipIf`; where they cannot, the title says why. */
export const hasChromium = existsSync(CHROMIUM);
export const inChromium = hasChromium ? 'in Chromium' : `in Chromium (skipped: there is no ${CHROMIUM})`;

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** A page, with whatever happens on it that must not: errors on its console, and requests to anywhere else. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    colorScheme: 'light',
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  const isOwn = address.startsWith('file:')
    ? (url: string) => /^(file|data):/.test(url)
    : (url: string) => url.startsWith(`${new URL(address).origin}/`);
  page.on('pageerror', (error) => faults.push(error.stack ?? String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!isOwn(request.url())) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  return { page, faults };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on a page, one line each. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{
    violations: readonly { impact: string; id: string; nodes: readonly { html: string }[] }[];
  }>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** Whether something is wider than the page, which would scroll sideways. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

/** Keeps a picture of the page where `VMFDAG_TEST_SCREENSHOTS` names a folder, to be looked at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.VMFDAG_TEST_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
