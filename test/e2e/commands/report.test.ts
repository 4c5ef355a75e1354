import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
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
import { type Project, projectOf } from '../support/project.ts';

const PIPELINE = `version: 1
name: circles
description: Circles & <squares>
params: {radii: [10, 30], colour: teal}
stages:
  draw:
    run: stages/draw.ts
    each: {radius: "\${radii}"}
    params: {colour: "\${colour}"}
    outputs: {svg: svg, table: markdown, wide: csv}
  count:
    run: stages/count.ts
    inputs: {drawings: "draw.svg[radius=*]"}
    outputs: {count: json}
targets:
  small: {description: The small one, files: {small.svg: draw/10.svg, small.md: draw/10.table}}
  large: {description: The large one, files: {large.svg: draw/30.svg}}
  wide: {files: {wide.csv: draw/30.wide, count.json: count.count}}
`;

const DRAW = `import * as v from 'valibot';
import { csv, defineStage, markdown, svg } from 'vmfdag';

const names = [...'abcdefghijklmnopqrst'];

export default defineStage({
  params: v.strictObject({ colour: v.string() }),
  inputs: {},
  outputs: { svg, table: markdown, wide: csv },
  async run({ coordinates: { radius }, params: { colour } }) {
    return {
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"><title>Half a disc of radius ' + radius + '</title><desc>as r &lt; 40</desc><clipPath id="half"><rect width="80" height="40"/></clipPath>' +
        '<circle cx="40" cy="40" r="' + radius + '" fill="' + colour + '" clip-path="url(#half)"/></svg>',
      table: '| radius | colour |\\n|---:|---|\\n| ' + radius + ' | ' + colour + ' |\\n',
      wide: names.map((name) => 'column ' + name).join() + '\\n' + names.map(() => 1e6 * Number(radius)).join() + '\\n',
    };
  },
});
`;

const COUNT = `import * as v from 'valibot';
import { defineStage, json, many, svg } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { drawings: many(svg) },
  outputs: { count: json<number>() },
  run: ({ inputs }) => ({ count: inputs.drawings.length }),
});
`;

let project: Project;

beforeAll(async () => {
  project = projectOf({ 'pipeline.yaml': PIPELINE, 'stages/draw.ts': DRAW, 'stages/count.ts': COUNT });
  expect((await project.run()).code).toBe(0);
});

describe('vmfdag report', () => {
  it('writes one file, and says which', async () => {
    const { code, stdout, stderr } = await project.execute(['report']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^results\/report\.html {2}\d+\.\d kB\n$/);
    const page = project.read('results/report.html');
    expect(page).toContain('<p>Circles &amp; &lt;squares></p>');
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/);
  });

  it('says what is not up to date, and runs nothing', async () => {
    const report = await project.json<{ file: string; notUpToDate: readonly string[] }>([
      'report',
      '--set',
      'colour=red',
      '--output',
      'red.html',
    ]);
    expect(report.notUpToDate).toEqual(['small', 'large', 'wide']);
    const page = readFileSync(report.file, 'utf8');
    expect(page).toContain('Not up to date: 1 of 1 node has to run. <code>vmfdag run small</code> makes it.');
    expect(page).toContain('Not up to date: 3 of 3 nodes have to run. <code>vmfdag run wide</code> makes it.');
    expect(project.read('results/small.svg')).toContain('teal');
  });

  it('holds the asked-for targets only', async () => {
    await project.execute(['report', '--target', 'large', '--output', 'large.html']);
    expect(project.read('large.html')).toContain('id="target-large"');
    expect(project.read('large.html')).not.toContain('id="target-small"');
  });
});

describe.skipIf(!hasChromium)(`the page, ${inChromium}`, () => {
  const MODES: Readonly<Record<string, BrowserContextOptions>> = {
    light: {},
    dark: { colorScheme: 'dark' },
    narrow: { viewport: { width: 390, height: 844 } },
  };
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    await project.execute(['report']);
    address = `file://${project.path('results/report.html')}`;
    browser = await launch();
  });

  afterAll(() => browser?.close());

  it('opens offline; a click shows a figure large, where it comes from, and the other theme', async () => {
    const { page, faults } = await openPage(browser, address);
    expect(await page.title()).toBe('circles');

    const dialog = page.locator('dialog');
    await page.locator('#target-small .sheet').focus();
    await page.keyboard.press('Enter');
    expect(await widthOf(dialog.locator('img'))).toBe(80);
    await dialog.click();
    expect(await dialog.isVisible()).toBe(false);

    const provenance = page.locator('#target-large table.provenance');
    expect(await provenance.isVisible()).toBe(false);
    await page.locator('#target-large summary', { hasText: 'Where it comes from: 1 node' }).click();
    expect(await provenance.locator('tbody tr').first().innerText()).toMatch(/^draw\t1\t/);

    const light = await ground(page);
    await page.locator('#theme').click();
    expect(await ground(page)).not.toBe(light);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('says what each figure shows, to those who read and to those who hear', async () => {
    const { page } = await openPage(browser, address);
    const caption = 'Half a disc of radius 30 as r < 40';
    expect(await page.locator('#target-large figcaption').innerText()).toBe(caption);
    expect(await page.locator('#target-large img').getAttribute('alt')).toBe(`large.svg, The large one: ${caption}`);
    const size = 'Number.parseFloat(getComputedStyle(document.querySelector("figcaption")).fontSize)';
    expect(await page.evaluate<number>(size)).toBeGreaterThanOrEqual(14);
    await page.context().close();
  });

  it('leads from a box of the graph, and from a result, to the stage', async () => {
    for (const options of [MODES.light, MODES.narrow]) {
      const { page } = await openPage(browser, address, options);
      const graph = page.getByRole('region', { name: 'Graph of the stages' });
      // One of the two layouts.
      expect(await graph.count()).toBe(1);
      expect(await graph.getByRole('link').count()).toBe(2);
      await graph.getByRole('link', { name: 'count' }).click();
      expect(page.url()).toMatch(/#stage-count$/);
      expect(await page.locator('tr:target').innerText()).toMatch(/^count\t1\t/);
      await page.locator('#target-large article a', { hasText: 'draw/30' }).click();
      expect(await page.locator('tr:target').innerText()).toMatch(/^draw\t2\t/);
      await page.context().close();
    }
  });

  it('can be read in light, dark and narrow, without a fault and without a part that is cut off', async () => {
    for (const [mode, options] of Object.entries(MODES)) {
      const { page, faults } = await openPage(browser, address, options);
      await keepPicture(page, `report-${mode}`);
      expect(await accessibilityFaults(page), mode).toEqual([]);
      expect(await overflows(page), mode).toBe(false);
      expect(await page.evaluate(CUT_OFF), mode).toEqual([]);
      expect(faults, mode).toEqual([]);
      await page.context().close();
    }
  });

  it('prints what is folded, on white, without its buttons, no wider than the paper', async () => {
    // A4 with usual margins.
    const paper = { width: 680, height: 1000 };
    const { page } = await openPage(browser, address, { colorScheme: 'dark', viewport: paper });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await overflows(page)).toBe(false);
    expect(await page.locator('#pipeline table dl').first().isVisible()).toBe(true);
    expect(await page.locator('#target-large table dl').isVisible()).toBe(false);
    expect(await page.locator('#target-large table.provenance').isVisible()).toBe(true);
    expect(await page.locator('#theme').isVisible()).toBe(false);
    expect(await page.locator('#target-large .sheet').isVisible()).toBe(true);
    expect(await ground(page)).toBe('rgb(255, 255, 255)');
    expect((await page.pdf()).subarray(0, 4).toString()).toBe('%PDF');
    await page.context().close();
  });
});

/** Elements whose content is wider than they are, and does not scroll. */
const CUT_OFF = `[...document.querySelectorAll('main *')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && getComputedStyle(element).display !== 'inline')
  .filter((element) => !['auto', 'scroll', 'visible'].includes(getComputedStyle(element).overflowX))
  .map((element) => element.outerHTML.slice(0, 120))`;

describe.skipIf(!hasChromium)(`a page of hostile artefacts ${inChromium}`, () => {
  it('runs no script and loads no file of theirs, and shows their drawing as an image', async () => {
    const hostile = projectOf({
      'pipeline.yaml': `version: 1
name: hostile
description: "<img src=x onerror=globalThis.P0=1>"
stages: {m: {run: stages/m.ts, outputs: {md: markdown, svg: svg, broken: svg, text: json}}}
targets: {t: {files: {"m<b>.md": m.md, s.svg: m.svg, b.svg: m.broken, "\\" onload=P1=1.json": m.text}}}
`,
      'stages/m.ts': `import * as v from 'valibot';
import { defineStage, json, markdown, svg } from 'vmfdag';

const picture = (inside: string) => '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30" onload="globalThis.P2=1">' + inside + '</svg>';
export default defineStage({
  params: v.any(),
  inputs: {},
  outputs: { md: markdown, svg, broken: svg, text: json<string>() },
  run: () => ({
    md: '<script>globalThis.P3=1</script>\\n\\n[x](javascript:globalThis.P4=1) <img src=x onerror=globalThis.P5=1> ![i](https://example.org/i.png)',
    svg: picture('<script>globalThis.P6=1</script><image href="https://example.org/j.png" width="1" height="1"/><rect width="9" height="9"/>'),
    broken: picture('<title>&lt;img src=x onerror=globalThis.P8=1></title>') + '</div><iframe src="https://example.org/"></iframe><style>body{display:none}</style>',
    text: '</pre><script>globalThis.P7=1</script>',
  }),
});
`,
    });
    expect((await hostile.run()).code).toBe(0);
    expect((await hostile.execute(['report'])).code).toBe(0);
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const [asked, refused]: [string[], string[]] = [[], []];
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) asked.push(request.url());
      });
      page.on('console', (message) => refused.push(message.text()));
      await page.goto(`file://${hostile.path('results/report.html')}`);
      await page.locator('.sheet').first().click();
      expect(await widthOf(page.locator('dialog img'))).toBe(40);
      expect(await page.evaluate('Object.keys(globalThis).filter((name) => /^P\\d$/.test(name))')).toEqual([]);
      expect(
        await page.locator('iframe, main script, a[href^=javascript], main style, [onload], [style]').count(),
      ).toBe(0);
      // The policy is a second wall: nothing comes so far.
      expect({ asked, refused }).toEqual({ asked: [], refused: [] });
    } finally {
      await browser.close();
    }
  });
});

function widthOf(image: Locator): Promise<number> {
  return image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth);
}

function ground(page: Page): Promise<string> {
  return page.evaluate('getComputedStyle(document.body).backgroundColor');
}
