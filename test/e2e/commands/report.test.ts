import { existsSync, readFileSync } from 'node:fs';
import { chromium, type Locator, type Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

const CHROMIUM = '/usr/bin/chromium';

const PIPELINE = `version: 1
name: circles
description: Circles & <squares>
params: {radii: [10, 30], colour: teal}
stages:
  draw:
    run: stages/draw.ts
    each: {radius: "\${radii}"}
    params: {colour: "\${colour}"}
    outputs: {svg: svg, table: markdown}
targets:
  small: {description: The small one, files: {small.svg: draw/10.svg, small.md: draw/10.table}}
  large: {description: The large one, files: {large.svg: draw/30.svg}}
`;

const DRAW = `import * as v from 'valibot';
import { defineStage, markdown, svg } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ colour: v.string() }),
  inputs: {},
  outputs: { svg, table: markdown },
  async run({ coordinates: { radius }, params: { colour } }) {
    return {
      svg: '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"><clipPath id="half"><rect width="80" height="40"/></clipPath>' +
        '<circle cx="40" cy="40" r="' + radius + '" fill="' + colour + '" clip-path="url(#half)"/></svg>',
      table: '| radius | colour |\\n|---:|---|\\n| ' + radius + ' | ' + colour + ' |\\n',
    };
  },
});
`;

let project: Project;

beforeAll(async () => {
  project = projectOf({ 'pipeline.yaml': PIPELINE, 'stages/draw.ts': DRAW });
  expect((await project.run()).code).toBe(0);
});

describe('vmfdag report', () => {
  it('writes one file, and says which', async () => {
    const { code, stdout, stderr } = await project.execute(['report']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^results\/report\.html {2}\d+\.\d kB\n$/);
    const page = project.read('results/report.html');
    expect(page).toContain('Circles &amp; &lt;squares&gt;');
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
    expect(report.notUpToDate).toEqual(['small', 'large']);
    expect(readFileSync(report.file, 'utf8')).toContain(
      'Not up to date: 1 of 1 node have to run. <code>vmfdag run --target small</code> makes it.',
    );
    expect(project.read('results/small.svg')).toContain('teal');
  });

  it('holds the asked-for targets only', async () => {
    await project.execute(['report', '--target', 'large', '--output', 'large.html']);
    expect(project.read('large.html')).toContain('id="target-large"');
    expect(project.read('large.html')).not.toContain('id="target-small"');
  });
});

describe.skipIf(!existsSync(CHROMIUM))(`the page, in ${CHROMIUM}`, () => {
  it('opens offline without an error; a click shows a figure large, where it comes from, and the other theme', async () => {
    await project.execute(['report']);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 900, height: 700 }, colorScheme: 'light' });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) faults.push(`asked for ${request.url()}`);
      });
      await page.goto(`file://${project.path('results/report.html')}`);
      expect(await page.title()).toBe('circles');

      const dialog = page.locator('dialog');
      await page.locator('#target-small .sheet').click();
      expect(await widthOf(dialog.locator('img'))).toBe(80);
      await dialog.click();
      expect(await dialog.isVisible()).toBe(false);

      const provenance = page.locator('#target-large .provenance');
      expect(await provenance.locator('table').isVisible()).toBe(false);
      await provenance.locator('summary').first().click();
      expect(await provenance.locator('tbody tr').first().innerText()).toMatch(/^draw\t1\t/);

      const light = await ground(page);
      await page.locator('#theme').click();
      expect(await ground(page)).not.toBe(light);

      const screenshot = await page.screenshot({ path: project.path('report.png'), fullPage: true });
      expect(screenshot.subarray(1, 4).toString()).toBe('PNG');
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describe.skipIf(!existsSync(CHROMIUM))('a page of hostile artefacts', () => {
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
    broken: picture('') + '</div><iframe src="https://example.org/"></iframe><style>body{display:none}</style>',
    text: '</pre><script>globalThis.P7=1</script>',
  }),
});
`,
    });
    expect((await hostile.run()).code).toBe(0);
    expect((await hostile.execute(['report'])).code).toBe(0);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
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
      expect(await page.locator('iframe, main script, a[href^=javascript], main style, [onload]').count()).toBe(0);
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
