import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { execute } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { Project } from '../support/project.ts';
import { repository } from '../support/repository.ts';

const page = readFileSync(join(repository, 'docs/first-steps.md'), 'utf8');

/** Without what differs from run to run: times, and how wide a column is. */
const masked = (line: string) =>
  line
    .replaceAll(/\d+(\.\d+)? s\b/g, 'T')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Whether the lines of a page are those of an output, where "…" stands for any. */
function expectLines(output: string, shown: readonly string[]): void {
  const printed = output.trimEnd().split('\n').map(masked);
  let next = 0;
  let isAfterGap = false;
  for (const line of shown) {
    if (line === '…') {
      isAfterGap = true;
      continue;
    }
    const at = isAfterGap ? printed.indexOf(masked(line), next) : next;
    expect({ line: printed[at], output }).toEqual({ line: masked(line), output });
    next = at + 1;
    isAfterGap = false;
  }
  if (!isAfterGap) expect(printed.slice(next)).toEqual([]);
}

it('docs/first-steps.md shows what its commands print, after its edits', async () => {
  const folder = temporaryFolder();
  expect(await execute(folder, ['init', 'dice'])).toMatchObject({ code: 0 });
  const project = new Project(join(folder, 'dice'));
  let commands = 0;
  for (const [, language, name = '', text = ''] of page.matchAll(/^```(console|diff)(?: (\S+))?\n([\s\S]*?)^```$/gm)) {
    const lines = text.trimEnd().split('\n');
    if (language === 'diff') {
      const [old, edited] = lines.map((line) => line.slice(1));
      project.edit(name, `${old}\n`, `${edited}\n`);
      continue;
    }
    for (const [command = '', ...shown] of text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => part.trimEnd().split('\n'))) {
      const [npx, program, ...args] = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      );
      expect([npx, program]).toEqual(['npx', 'vmfdag']);
      const { code, stdout, stderr } = await project.execute(args);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      expectLines(stdout, shown);
      commands++;
    }
  }
  expect(commands).toBeGreaterThan(8);
});

it('docs/first-steps.md shows the stages of the project that init makes', () => {
  const written = readFileSync(join(repository, 'src/engine/templates/project/pipeline.yaml'), 'utf8');
  const shown = /^```yaml\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
  for (const line of shown.trimEnd().split('\n')) {
    if (!line.includes('summary:')) expect(written).toContain(`${line.trim()}\n`);
  }
});
