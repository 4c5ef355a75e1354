import { appendFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

/** `count` reads both sources, `length` what `count` found. */
function sourcesProject(): Project {
  const project = projectOf({
    'pipeline.yaml': `version: 1
name: sources
params:
  data: {directory: data, corpus: corpus}
sources:
  image: {description: one file, file: "\${data.directory}/image.bin"}
  corpus: {files: ["data/**/*.csv", "!data/draft/**"]}
stages:
  count:
    run: stages/count.ts
    inputs: {image: image, corpus: "\${data.corpus}"}
    outputs: {counts: json}
  length:
    run: stages/length.ts
    inputs: {counts: count.counts}
    outputs: {length: json}
targets:
  all: {files: {counts.json: count.counts, length.json: length.length}}
`,
    'stages/count.ts': `import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { defineStage, directory, file, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { image: one(file), corpus: one(directory) },
  outputs: { counts: json<unknown>() },
  run({ inputs: { image, corpus } }) {
    const names = readdirSync(corpus, { recursive: true }).map(String).filter((name) => name.endsWith('.csv')).sort();
    const lines = names.map((name) => [name, readFileSync(join(corpus, name), 'utf8')]);
    return { counts: { image: statSync(image).size, lines } };
  },
});
`,
    'stages/length.ts': `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { counts: one(json<{ lines: unknown[] }>()) },
  outputs: { length: json<number>() },
  run: ({ inputs }) => ({ length: inputs.counts.lines.length }),
});
`,
    'data/a.csv': '1',
    'data/deep/b "q"\n.csv': '2',
    'data/draft/c.csv': '3',
  });
  writeFileSync(project.path('data/image.bin'), Buffer.alloc(5_000_000, 1));
  return project;
}

describe('sources', () => {
  it('are inputs of stages; a touch reruns nothing, and bytes that were there before neither', async () => {
    const project = sourcesProject();
    const first = await project.run();
    expect(first).toMatchObject({ code: 0, stderr: '', summary: { executed: 2, restored: 0, upToDate: 2 } });
    expect(JSON.parse(project.read('results/counts.json'))).toEqual({
      image: 5_000_000,
      lines: [
        ['a.csv', '1'],
        ['deep/b "q"\n.csv', '2'],
      ],
    });
    utimesSync(project.path('data/a.csv'), new Date(), new Date());
    project.write('data/draft/c.csv', 'not read');
    expect((await project.run()).started).toEqual([]);

    project.write('data/a.csv', '11');
    const changed = await project.run();
    expect(changed.started).toEqual(['corpus', 'count', 'length']);
    project.write('data/a.csv', '1');
    expect((await project.run()).started).toEqual([]);
    expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0 });
  });

  it('that changed are named, file by file, by explain, status, run and diff', async () => {
    const project = sourcesProject();
    expect((await project.run()).code).toBe(0);
    project.write('data/a.csv', '11');
    project.write('data/new.csv', '4');
    rmSync(project.path('data/deep'), { recursive: true });
    const what = 'corpus: a.csv changed, new.csv added, deep/b "q"\\x0a.csv removed';
    expect((await project.execute(['explain', 'count'])).stdout).toContain(`count will run: inputs: ${what}\n`);
    const status = await project.execute(['status']);
    expect(status.stdout).toContain(`${what}\nto take into the cache: corpus\n`);
    expect((await project.execute(['run', '--dry-run'])).stdout).toContain('a.csv changed, new.csv added');
    expect((await project.execute(['run'])).stdout).toContain(`start    count  (inputs: ${what})`);
    const diff = await project.execute(['diff', 'last~1', 'last']);
    expect(diff.stdout).toContain(`sources\n  ${what}\n`);
    const { sources } = await project.json<{ sources: unknown }>(['diff', 'last~1', 'last']);
    expect(sources).toMatchObject([{ source: 'corpus', files: { changed: ['a.csv'], more: 0 } }]);
  });

  it('of one file are named by explain, from whatever depends on them', async () => {
    const project = sourcesProject();
    expect((await project.run()).code).toBe(0);
    appendFileSync(project.path('data/image.bin'), 'x');
    expect((await project.execute(['explain', 'length'])).stdout).toContain(
      '\n  because image is read from data/image.bin\n',
    );
    expect((await project.execute(['explain', 'count'])).stdout).toContain(
      'because image is read from data/image.bin\n',
    );
    expect((await project.run()).code).toBe(0);
    expect((await project.execute(['explain', 'length'])).stdout).not.toContain('because');
  });

  it('are taken again where their bytes are not in the cache any more', async () => {
    const project = sourcesProject();
    expect((await project.run()).code).toBe(0);
    const image = project.path('data/image.bin');
    appendFileSync(image, 'x');
    expect((await project.run()).started).toEqual(['count', 'image', 'length']);
    writeFileSync(image, Buffer.alloc(5_000_000, 1));
    rmSync(project.path('cache/blobs'), { recursive: true });
    const again = await project.run(['--force', 'count']);
    expect(again).toMatchObject({ code: 0, summary: { failed: 0, executed: 1 } });
    expect(again.started.filter((node) => node === 'image')).toHaveLength(1);
  });

  it('that are missing stop the run with their place in the pipeline file, and nothing is lost', async () => {
    const project = sourcesProject();
    expect((await project.run()).code).toBe(0);
    renameSync(project.path('data/image.bin'), project.path('image.bin'));
    for (const command of ['run', 'status']) {
      const ended = await project.execute([command]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/^pipeline\.yaml:6:3 source "image": there is no data\/image\.bin\n/);
      expect(ended.stderr).toMatch(/\n {2}fix: put it there, or correct the path in the pipeline file\n$/);
    }
    renameSync(project.path('image.bin'), project.path('data/image.bin'));
    expect((await project.run()).started).toEqual([]);
  });

  it('are watched by run --watch, also files that are new', async () => {
    const project = sourcesProject();
    const session = project.start(['run', '--watch']);
    const watching = (times: number) =>
      session.until((running) => running.outputText().split(/^watching /m).length > times);
    expect(await watching(1)).toBe(true);
    project.write('data/a.csv', '12');
    expect(await watching(2)).toBe(true);
    expect(session.outputText()).toContain('(inputs: corpus: a.csv changed)');
    project.write('data/deep/later.csv', '5');
    expect(await watching(3)).toBe(true);
    expect(session.outputText()).toContain('(inputs: corpus: deep/later.csv added)');
    session.signal('SIGINT');
    expect(await session.ended).toMatchObject({ code: 130, stderr: '' });
  });

  it('have the rules of nodes: collected, verified, drawn, reported and audited', async () => {
    const project = sourcesProject();
    expect((await project.run()).code).toBe(0);
    expect(await project.json(['cache', 'gc', '--dry-run'])).toMatchObject({});
    expect(await project.execute(['cache', 'gc'])).toMatchObject({ code: 0, stderr: '' });
    expect((await project.run()).started).toEqual([]);
    expect(await project.run(['--audit', '10'])).toMatchObject({ code: 0, summary: { audited: 2 } });
    for (const command of [['graph'], ['report', '--output', 'page.html'], ['history'], ['explain', 'corpus']]) {
      expect(await project.execute(command)).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await project.execute(['cache', 'get', 'corpus.directory', 'copy'])).toMatchObject({ code: 0 });
    expect(project.read('copy/a.csv')).toBe('1');
  });
});
