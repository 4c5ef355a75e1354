import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { problemsOf } from '../support/output-schemas.ts';
import { type Project, projectOf } from '../support/project.ts';
import { repository } from '../support/repository.ts';
import { brokenRules } from '../support/workflow-run-crate.ts';

/** A figure by a module that imports another one, from a command that reads a source; and a folder. */
function archivable(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: archivable
description: Counts, and draws
params: {scale: 2, model: {width: 3}}
profiles: {small: {}}
sources:
  words: {file: data/words.txt}
stages:
  count:
    command: "wc -l < {inputs.words} > {outputs.lines}"
    inputs: {words: words}
    outputs: {lines: json}
  draw:
    run: stages/draw.ts
    inputs: {lines: count.lines}
    params: {scale: "\${scale}"}
    outputs: {figure: svg, numbers: json}
  pages:
    command: "mkdir -p {outputs.all} && echo one > {outputs.all}/1.txt && echo two > '{outputs.all}/ä b.txt'"
    outputs: {all: directory}
targets:
  paper: {files: {figures/the figure.svg: draw.figure, numbers.json: draw.numbers, pages: pages.all}}
`,
    'package.json': '{"name": "archivable", "type": "module", "license": "MIT"}\n',
    'data/words.txt': 'a\nb\n',
    'stages/draw.ts': `import * as v from 'valibot';
import { defineStage, json, one, svg } from 'vmfdag';
import { circle } from '../shared/circle.ts';

export default defineStage({
  params: v.strictObject({ scale: v.number() }),
  inputs: { lines: one(json<number>()) },
  outputs: { figure: svg, numbers: json<number>() },
  run: ({ params, inputs }) => ({ figure: circle(params.scale * inputs.lines), numbers: inputs.lines }),
});
`,
    'shared/circle.ts':
      'export const circle = (r: number) => \'<svg xmlns="http://www.w3.org/2000/svg"><circle r="\' + r + \'"/></svg>\';\n',
    'shared/unused.ts': 'export const unused = 1;\n',
  });
}

const python = spawnSync('python3', ['-c', '']).status === 0 ? 'python3' : undefined;

describe.skipIf(python === undefined)('archive (python3 unpacks it)', () => {
  let project: Project;
  let folder: string;

  beforeAll(async () => {
    project = archivable();
    const { code, stderr } = await project.execute(['archive', 'paper']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is not up to date') });
    expect(readdirSync(project.directory).filter((name) => name.includes('.zip'))).toEqual([]);
    await project.run(['--target', 'paper']);
    const zip = project.path('out/paper.zip');
    const written = await project.json<object>(['archive', 'paper', '--output', zip]);
    expect(problemsOf('archive', written)).toEqual([]);
    folder = temporaryFolder();
    execFileSync('python3', ['-m', 'zipfile', '-e', zip, folder]);
  });

  it('holds the files, the records, the code that counts, and references to data', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
    expect(files).toEqual([
      'package.json',
      'pipeline.yaml',
      'results/.vmfdag-results.json',
      'results/figures/the figure.svg',
      'results/numbers.json',
      'results/pages/1.txt',
      'results/pages/ä b.txt',
      'ro-crate-metadata.json',
      'shared/circle.ts',
      'stages/draw.ts',
      'vmfdag-archive.json',
    ]);
    expect(readFileSync(join(folder, 'results/figures/the figure.svg'), 'utf8')).toContain('<circle r="4"/>');
    const index = JSON.parse(readFileSync(join(folder, 'vmfdag-archive.json'), 'utf8'));
    expect(index.records.map(({ node }: { node: string }) => node).sort()).toEqual(['count', 'draw', 'pages', 'words']);
    expect(index.data).toMatchObject([{ name: 'words', from: ['data/words.txt'], bytes: 4 }]);
  });

  it('gives the same bytes for the same results', async () => {
    const [first, second] = [project.path('1.zip'), project.path('2.zip')];
    await project.execute(['archive', 'paper', '-o', first]);
    await project.run(['--target', 'paper', '--set', 'scale=9']);
    await project.run(['--target', 'paper']);
    await project.execute(['archive', 'paper', '-o', second]);
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
  });

  it('explains its files without a pipeline and a cache', async () => {
    for (const [file, source] of [
      ['results/figures/the figure.svg', 'draw.figure'],
      ['results/numbers.json', 'draw.numbers'],
      ['results/pages', 'pages.all'],
    ] as const) {
      const elsewhere = temporaryFolder();
      const { code, stdout, stderr } = await execute(elsewhere, ['explain', join(folder, file)]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`holds ${source}`);
      const json = await execute(elsewhere, ['explain', join(folder, file), '--json']);
      expect(problemsOf('explain-file', JSON.parse(json.stdout))).toEqual([]);
      expect(readdirSync(elsewhere)).toEqual([]);
    }
    const other = await execute(folder, ['explain', 'results/pages/1.txt']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('has other bytes than any result') });
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  it('is a Workflow Run RO-Crate, by the rules that are written out', () => {
    expect(brokenRules(folder)).toEqual([]);
  });

  const validator = [
    process.env.VMFDAG_TEST_ROCRATE,
    join(repository, 'node_modules/.cache/vmfdag-research/bin/python'),
  ]
    .filter((path) => path !== undefined)
    .find((path) => spawnSync(path, ['-c', 'import rocrate_validator']).status === 0);
  it.skipIf(validator === undefined)('is a Workflow Run RO-Crate, by roc-validator', () => {
    const script = join(repository, 'test/e2e/support/validate-ro-crate.py');
    const contexts = join(repository, 'test/e2e/support/ro-crate-contexts.json');
    const out = execFileSync(validator as string, [script, contexts, folder], { encoding: 'utf8' });
    const issues = JSON.parse(out.trim().split('\n').at(-1) ?? '') as readonly (readonly string[])[];
    expect(issues.filter(([severity]) => severity === 'REQUIRED')).toEqual([]);
    // It does look: these are asked for, and a pipeline has no authors.
    expect(issues.map(([, , message]) => message).join()).toContain('author');
  });
});
