import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

/** Programs with paths of their own: no argument names one. */
function fixedPaths(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: fixed-paths
params: {rate: 1.0e-7, words: [a, "yes"], shards: [1, 2]}
sources:
  raw: {file: data/raw.csv}
  folder: {files: "images/**"}
stages:
  shard:
    each: {shard: "\${shards}"}
    command: "echo \${shard} > shard.txt"
    outputs: {shard: file}
    paths: {outputs: {shard: shard.txt}}
  prepare:
    command: sh src/prepare.sh
    code: [src]
    inputs: {raw: raw, folder: folder, shards: "shard.shard[*]"}
    params: {rate: "\${rate}", words: "\${words}"}
    outputs: {table: csv, parts: directory, plain: file}
    paths:
      inputs: {raw: data/raw.csv, folder: outputs/images, shards: data/shards}
      outputs: {table: outputs/deep/table.csv, parts: data/parts}
      params: params.yaml
targets: {all: {files: {table.csv: prepare.table, parts: prepare.parts}}}
`,
    'src/prepare.sh': `cat data/raw.csv outputs/images/a/b.txt data/shards/0 data/shards/1 > outputs/deep/table.csv
mkdir data/parts
cp params.yaml data/parts/params.yaml
cp "$VMFDAG_PARAMS" data/parts/paths.json
echo plain > outputs/plain
`,
    'data/raw.csv': 'raw\n',
    'images/a/b.txt': 'b\n',
  });
}

describe('paths of a command', () => {
  it('are where the program finds inputs and params, and leaves outputs', async () => {
    const project = fixedPaths();
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 3 } });
    expect(project.read('results/table.csv')).toBe('raw\nb\n1\n2\n');
    expect(JSON.parse(project.read('results/parts/params.yaml'))).toEqual({ rate: 1e-7, words: ['a', 'yes'] });
    expect(JSON.parse(project.read('results/parts/paths.json'))).toMatchObject({
      inputs: {
        raw: 'data/raw.csv',
        folder: 'outputs/images',
        shards: [{ path: 'data/shards/0' }, { path: 'data/shards/1' }],
      },
      outputs: { table: 'outputs/deep/table.csv', parts: 'data/parts', plain: 'outputs/plain' },
    });
    expect((await project.run()).started).toEqual([]);
    project.write('data/raw.csv', 'other\n');
    expect((await project.run()).started).toEqual(['prepare', 'raw']);
  });

  it('are in the keys', async () => {
    const project = fixedPaths();
    await project.run();
    project.edit('pipeline.yaml', 'params: params.yaml', 'params: {params.yaml: words}');
    expect((await project.execute(['explain', 'prepare'])).stdout).toContain('paths › params');
    expect((await project.run()).started).toEqual(['prepare']);
    expect(JSON.parse(project.read('results/parts/params.yaml'))).toEqual(['a', 'yes']);
  });

  it('are named in messages', async () => {
    const project = fixedPaths();
    project.edit('src/prepare.sh', 'mkdir data/parts\n', 'mkdir data/part\n');
    project.edit('src/prepare.sh', 'cp params.yaml data/parts/params.yaml\n', '');
    project.edit('src/prepare.sh', 'cp "$VMFDAG_PARAMS" data/parts/paths.json\n', '');
    const { code, stderr, stdout } = await project.execute(['run']);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('the folder of its output "parts" is missing: data/parts');
  });

  it('do not meet the code', async () => {
    const project = fixedPaths();
    project.edit('pipeline.yaml', 'raw: data/raw.csv', 'raw: src/prepare.sh');
    const { code, stdout, stderr } = await project.execute(['run']);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('the path src/prepare.sh is taken by a file of its code');
  });
});
