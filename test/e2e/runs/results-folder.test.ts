import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { problemsOf } from '../support/output-schemas.ts';
import { type Project, projectOf } from '../support/project.ts';

let project: Project;

/** `1.json` and `2.json` hold the param `x`; where that is 9, the second node fails. */
beforeEach(() => {
  project = projectOf({
    'pipeline.yaml': `version: 1
name: results
params: {x: 1}
stages:
  a: {run: stages/a.ts, each: {k: [1, 2]}, params: {x: "\${x}"}, outputs: {o: json}}
targets:
  one: {files: {1.json: a/1.o}}
  two: {files: {sub/2.json: a/2.o, old.json: a/1.o}}
default: [one, two]
`,
    'stages/a.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ x: v.number() }),
  inputs: {},
  outputs: { o: json<number>() },
  run({ params, coordinates }) {
    if (params.x === 9 && coordinates.k === 2) throw new Error('boom');
    return { o: params.x * 10 + Number(coordinates.k) };
  },
});
`,
  });
});

async function run(...args: readonly string[]): Promise<string> {
  return (await project.execute(['run', '--keep-going', ...args])).stdout;
}

/** What a run says of files that are not of it, by their path. */
function leftovers(stdout: string): Readonly<Record<string, string>> {
  const lines = stdout.split('\n');
  const first = lines.findIndex((line) => line.startsWith('not from this run'));
  const told = first < 0 ? [] : lines.slice(first + 1).filter((line) => line.startsWith('  '));
  return Object.fromEntries(told.map((line) => line.trim().split(/ {2}/) as [string, string]));
}

interface Manifest {
  readonly files: readonly { path: string; node: string; output: string; digest: string; run: string; set: string[] }[];
}

const manifest = () => JSON.parse(project.read('results/.vmfdag-results.json')) as Manifest;

describe('the folder of results', () => {
  it('has a manifest that says what made each file, and is not written again without need', async () => {
    expect(leftovers(await run())).toEqual({});
    const [first] = await project.json<readonly { id: string }[]>(['history']);
    const entry = { run: first?.id, profile: null, set: [], output: 'o' };
    expect(manifest()).toMatchObject({
      format: 1,
      files: [
        { path: '1.json', node: 'a/1', ...entry },
        { path: 'old.json', node: 'a/1', ...entry },
        { path: 'sub/2.json', node: 'a/2', ...entry },
      ],
    });
    const text = project.read('results/.vmfdag-results.json');
    await run();
    await run('--json');
    expect(project.read('results/.vmfdag-results.json')).toBe(text);
  });

  it('a run names the files of failed nodes and of removed targets, each time', async () => {
    await run();
    project.edit('pipeline.yaml', ', old.json: a/1.o', '');
    const expected = {
      'results/old.json': expect.stringContaining('no target has this file any more'),
      'results/sub/2.json': expect.stringContaining('this run did not finish a/2'),
    };
    expect(leftovers(await run('--set', 'x=9'))).toEqual(expected);
    expect(leftovers(await run('--set', 'x=9'))).toEqual(expected);
    // Runs with nothing to do, the second of which does not even plan, say so too.
    const stays = { 'results/old.json': expected['results/old.json'] };
    for (let count = 0; count < 2; count++) expect(leftovers(await run())).toEqual(stays);
  });

  it('a run names the files that were made under other settings', async () => {
    await run();
    const mixed = leftovers(await run('--target', 'one', '--set', 'x=2'));
    expect(Object.keys(mixed)).toEqual(['results/old.json', 'results/sub/2.json']);
    expect(mixed['results/old.json']).toMatch(/under other settings: those of the pipeline file$/);
    expect(mixed['results/sub/2.json']).toBe('the same');
    expect(leftovers(await run('--target', 'two'))).toEqual({
      'results/1.json': expect.stringMatching(/under other settings: --set x=2$/),
    });
    expect(leftovers(await run())).toEqual({});
  });

  it('a run says nothing of files that somebody has removed or changed', async () => {
    await run();
    project.edit('pipeline.yaml', ', old.json: a/1.o', '');
    rmSync(project.path('results/sub/2.json'));
    project.write('results/old.json', '"mine"');
    expect(leftovers(await run('--set', 'x=9'))).toEqual({});
    expect(manifest().files.map(({ path }) => path)).toEqual(['1.json']);
  });

  it('works without a manifest, and with one that cannot be read', async () => {
    await run();
    for (const text of ['', '{', '[]', '{"format":1,"files":[1,{"path":"../x"}]}', '{"format":2,"files":[]}']) {
      project.write('results/.vmfdag-results.json', text);
      expect(leftovers(await run())).toEqual({});
      expect(manifest().files).toHaveLength(3);
    }
  });
});

describe('explain FILE', () => {
  const explain = async (file: string, ...args: readonly string[]) =>
    (await project.execute(['explain', file, ...args])).stdout;
  const explained = async (file: string, ...args: readonly string[]) => {
    const document = await project.json<{ state: string }>(['explain', file, ...args]);
    expect(problemsOf('explain-file', document)).toEqual([]);
    return document;
  };

  it('says what made a file, and whether it is up to date', async () => {
    await run();
    expect(await explain('results/sub/2.json')).toMatch(
      /^results\/sub\/2\.json holds a\/2\.o\n {2}up to date: .*\n {2}published by run \S+, settings: those of the pipeline file\n {2}key [0-9a-f]{12}, code [0-9a-f]{12}\n {2}made 20[\s\S]*param x: 1\n/,
    );
    expect(await explained('results/1.json')).toMatchObject({
      state: 'up to date',
      written: { node: 'a/1', run: expect.any(String) },
      record: { node: 'a/1', params: { x: 1 } },
    });
    project.edit('pipeline.yaml', 'x: 1}', 'x: 2}');
    expect(await explained('results/1.json')).toMatchObject({ state: 'stale', reason: 'params: x 1 → 2' });
    expect(await explained('results/1.json', '--set', 'x=1')).toMatchObject({ state: 'up to date' });
    await run('--target', 'two');
    expect(await explained('results/1.json')).toMatchObject({ state: 'other bytes', written: { path: '1.json' } });
    project.edit('pipeline.yaml', 'k: [1, 2]', 'k: [3, 2]');
    project.write('pipeline.yaml', project.read('pipeline.yaml').replaceAll('a/1.o', 'a/3.o'));
    expect(await explained('results/1.json')).toMatchObject({ state: 'no such node', record: { node: 'a/1' } });
  });

  it('knows a copy anywhere by its bytes', async () => {
    await run();
    mkdirSync(project.path('paper'));
    copyFileSync(project.path('results/1.json'), project.path('paper/figure'));
    expect(await explained('paper/figure')).toMatchObject({ state: 'up to date', written: null, output: 'o' });
  });

  it('reads where a figure comes from in the figure itself, also if the cache does not know it', async () => {
    project.edit('pipeline.yaml', 'outputs: {o: json}', 'outputs: {o: svg}');
    project.write('pipeline.yaml', project.read('pipeline.yaml').replaceAll('.json: a', '.svg: a'));
    project.edit('stages/a.ts', 'import { defineStage, json }', 'import { defineStage, svg }');
    project.edit('stages/a.ts', 'json<number>()', 'svg');
    project.edit('stages/a.ts', 'params.x * 10 + Number(coordinates.k)', `\`<svg id="\${params.x}"><g/></svg>\``);
    await run();
    expect(project.read('results/1.svg')).toContain('<metadata id="vmfdag">{"node":"a/1","output":"o","key":"');
    copyFileSync(project.path('results/1.svg'), project.path('figure'));
    expect(await explained('figure')).toMatchObject({ state: 'up to date', output: 'o' });
    await project.execute(['cache', 'get', 'a/1.o', 'artefact']);
    expect(project.read('artefact')).not.toContain('metadata');
    expect(await explained('artefact')).toMatchObject({ state: 'up to date' });
    await run('--cache', 'elsewhere', '--set', 'x=3');
    const { stderr } = await project.execute(['explain', 'figure', '--cache', 'elsewhere']);
    expect(stderr).toMatch(/it says of itself: \{"node":"a\/1","output":"o",/);
  });

  it('says that a file was changed', async () => {
    await run();
    project.write('results/1.json', '"mine"');
    expect(await explained('results/1.json')).toMatchObject({ record: null, written: { node: 'a/1' } });
    expect(await explain('results/1.json')).toMatch(/has been changed since run \S+ wrote a\/1\.o/);
    // With the bytes of the other node, it is that one's.
    copyFileSync(project.path('results/sub/2.json'), project.path('results/1.json'));
    expect(await explain('results/1.json')).toMatch(/^results\/1\.json holds a\/2\.o\n[\s\S]*has been changed since/);
  });

  it('refuses a file that nothing is known of', async () => {
    await run();
    const { code, stderr } = await project.execute(['explain', './pipeline.yaml']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('not a result that this cache knows'),
    });
    const missing = await project.execute(['explain', './results/3.json']);
    expect(missing.stderr).toMatch(/^there is no file \.\/results\/3\.json\n/);
    expect(missing.code).toBe(2);
  });
});

it('is one of its own for each pipeline file in a folder: none replaces, or warns of, the files of another', async () => {
  project.write('other.yaml', project.read('pipeline.yaml').replace('params: {x: 1}', 'params: {x: 2}'));
  project.write('third.yml', `${project.read('other.yaml')}profiles: {small: {params: {x: 3}}}\n`);
  expect(await run()).not.toContain('results/other');
  expect(await run('--file', 'other.yaml')).toContain('results/other/1.json');
  expect(await run('--file', 'third.yml', '--profile', 'small')).toContain('results/third/small/1.json');
  const again = await run('--force', 'a');
  expect(again).not.toContain('other');
  const files = ['results/1.json', 'results/other/1.json', 'results/third/small/1.json'];
  expect(files.map((file) => project.read(file).trim())).toEqual(['11', '21', '31']);
  const explained = await project.execute([
    'explain',
    'results/third/small/1.json',
    '--file',
    'third.yml',
    '--profile',
    'small',
  ]);
  expect(explained).toMatchObject({ code: 0 });
});
