// biome-ignore-all lint/suspicious/noTemplateCurlyInString: DVC files and pipeline files have their own references.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

/** All that programs of DVC do: paths in arguments and in programs, params in files, folders, foreach, matrix, wdir. */
const DVC = `stages:
  prepare:
    cmd: sh src/prepare.sh data/raw.csv
    deps: [data/raw.csv, src/prepare.sh]
    params: [prepare.lines]
    outs: [data/prepared]
  count:
    foreach: {letters: {option: -m}, lines: {option: -l}}
    do:
      cmd: wc \${item.option} < data/prepared/head.csv > counts/\${key}.txt
      deps: [data/prepared/head.csv]
      outs: ["counts/\${key}.txt"]
  grid:
    matrix: {size: [1, 2], letter: [x, "\${letter}"]}
    cmd:
      - cd grid && echo \${item.size} > ../size
      - cat size > grid/\${key}.txt; echo \${item.letter} {1..2} >> grid/\${key}.txt
    outs: ["grid/\${key}.txt"]
  evaluate:
    wdir: eval
    cmd: |
      cat ../counts/*.txt ../grid/*.txt > all.txt
      printf '{"bytes": %s}' $(wc -c < all.txt) > metrics.json
    deps: [../counts, ../grid]
    metrics: [metrics.json: {cache: false}]
  announce:
    cmd: test -s eval/metrics.json
    deps: [eval/metrics.json]
`;

function dvcProject(): Project {
  return projectOf({
    'dvc.yaml': DVC,
    'params.yaml': 'prepare: {lines: 2}\nletter: y   # of the grid\n',
    'data/raw.csv': 'one\ntwo\nthree\n',
    'src/prepare.sh': `lines=$(sed -n 's/.*"lines": //p' params.yaml)\nmkdir data/prepared\nhead -n $lines "$1" > data/prepared/head.csv\n`,
  });
}

describe('vmfdag import', () => {
  it('makes a pipeline that runs, and runs again for exactly what has changed', async () => {
    const project = dvcProject();
    const made = await project.execute(['import', 'dvc.yaml']);
    expect(made).toMatchObject({ code: 0, stdout: 'pipeline.yaml: 9 stages\n' });
    const first = await project.run();
    expect(first).toMatchObject({ code: 0, summary: { executed: 9 } });
    const grid = await project.execute(['cache', 'get', 'grid-2-y.n-2-y', '-']);
    expect(grid.stdout).toBe('2\ny 1 2\n');
    expect(JSON.parse(project.read('results/eval/metrics.json'))).toEqual({
      bytes: '8\n2\n'.length + 4 * '2\ny 1 2\n'.length,
    });

    expect((await project.run()).started).toEqual([]);
    project.write('data/raw.csv', 'one\ntwo\nfour\n');
    expect((await project.run()).started).toEqual(['prepare', 'raw']);
    project.edit('pipeline.yaml', 'prepare: {lines: 2}', 'prepare: {lines: 3}');
    const edited = ['announce', 'count-letters', 'count-lines', 'evaluate', 'prepare'];
    expect((await project.run()).started).toEqual(edited);
    expect((await project.run(['--set', 'letter=z'])).started).toEqual([]);
  });

  it('replaces a file only when told to', async () => {
    const project = dvcProject();
    await project.execute(['import', 'dvc.yaml']);
    const text = project.read('pipeline.yaml');
    project.write('pipeline.yaml', 'mine\n');
    const refused = await project.execute(['import', 'dvc.yaml']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(
      'pipeline.yaml is there already\n  fix: name another file by --output, or say --force',
    );
    expect(project.read('pipeline.yaml')).toBe('mine\n');
    expect((await project.execute(['import', 'dvc.yaml', '--output', '-'])).stdout).toBe(text);
    expect(project.read('pipeline.yaml')).toBe('mine\n');
    expect(await project.execute(['import', 'dvc.yaml', '--force'])).toMatchObject({ code: 0 });
    expect(project.read('pipeline.yaml')).toBe(text);
    expect(await project.execute(['import', 'dvc.yaml', '-o', 'other.yaml'])).toMatchObject({ code: 0 });
    const elsewhere = await project.execute(['import', 'dvc.yaml', '-o', 'sub/pipeline.yaml']);
    expect(elsewhere).toMatchObject({ code: 2 });
    expect(elsewhere.stderr).toContain('sub/pipeline.yaml would not be next to dvc.yaml');
    expect(existsSync(project.path('sub'))).toBe(false);
  });

  it('refuses what it cannot translate with its place, and writes nothing then', async () => {
    const project = dvcProject();
    project.edit('dvc.yaml', 'outs: [data/prepared]', 'outs: [data/prepared: {persist: true}]');
    const { code, stderr } = await project.execute(['import', 'dvc.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('dvc.yaml:6:28 with "persist", a result depends on what an earlier run has left');
    expect(existsSync(project.path('pipeline.yaml'))).toBe(false);
    expect(await project.execute(['import', 'gone.yaml'])).toMatchObject({ code: 2 });
  });

  it('prints JSON for scripts', async () => {
    const project = dvcProject();
    const found = await project.json<{ readonly stages: readonly string[]; readonly checks: readonly string[] }>([
      'import',
      'dvc.yaml',
    ]);
    expect(found.stages).toHaveLength(9);
    expect(found.checks).toContain('prepare: data/prepared is taken for a folder, since its name has no extension');
  });
});
