import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../src/engine/base/digest.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { commitOf } from '../../engine/store/fixtures.ts';
import { treeAt } from '../../engine/store/trees.ts';
import { nodesOf } from '../support/command-line.ts';
import { mayMount, smallDisk } from '../support/privileges.ts';
import { type Project, projectOf } from '../support/project.ts';

/** `make` writes a file and a directory with large and small files, `read` reads both by their paths, `all` gathers files. */
function pathsProject(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: paths
params: {megabytes: 6, text: first, odd: none}
stages:
  make:
    run: stages/make.ts
    each: {part: [1, 2]}
    params: {megabytes: "\${megabytes}", text: "\${text}", odd: "\${odd}"}
    outputs: {model: file, plots: directory}
    retain: {model: all, plots: all}
  read:
    run: stages/read.ts
    inputs: {model: "make.model[part=1]", plots: "make.plots[part=1]", all: "make.model[*]"}
    outputs: {seen: json}
targets:
  all: {files: {seen.json: read.seen, model.weights: make/1.model, plots: make/1.plots}}
`,
    'stages/make.ts': `import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { defineStage, directory, file } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ megabytes: v.number(), text: v.string(), odd: v.string() }),
  inputs: {},
  outputs: { model: file, plots: directory },
  run({ params, coordinates, scratch }) {
    const plots = join(scratch, 'plots');
    mkdirSync(join(plots, 'inner'), { recursive: true });
    writeFileSync(join(plots, 'small "1".txt'), params.text);
    writeFileSync(join(plots, 'inner', 'large.bin'), Buffer.alloc(params.megabytes * 1e6, Number(coordinates.part)));
    symlinkSync('inner', join(plots, 'latest'));
    writeFileSync(join(scratch, 'model.bin'), Buffer.alloc(params.megabytes * 1e6, 7));
    if (params.odd === 'pipe') execFileSync('mkfifo', [join(plots, 'p')]);
    if (params.odd === 'outside') return { model: '/etc/passwd', plots };
    if (params.odd === 'missing') return { model: 'none.bin', plots };
    if (params.odd === 'value') return { model: 1 as never, plots };
    return { model: 'model.bin', plots };
  },
});
`,
    'stages/read.ts': `import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { defineStage, directory, file, json, many, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { model: one(file), plots: one(directory), all: many(file) },
  outputs: { seen: json<unknown>() },
  run({ inputs, scratch }) {
    const { model, plots, all } = inputs;
    return {
      seen: {
        model: createHash('sha256').update(readFileSync(model)).digest('hex').slice(0, 8),
        isProtected: (statSync(model).mode & 0o222) === 0,
        plots: readdirSync(plots).sort(),
        text: readFileSync(join(plots, 'small "1".txt'), 'utf8'),
        large: statSync(join(plots, 'latest', 'large.bin')).size,
        all: all.map(({ coordinates, value }) => [coordinates.part, statSync(value).size]),
        scratch: readdirSync(scratch),
      },
    };
  },
});
`,
  });
}

/** What lies in the cache's folder for files that are not stored yet. */
function work(project: Project): readonly string[] {
  const folder = project.path('cache/work');
  return existsSync(folder) ? readdirSync(folder).flatMap((lease) => readdirSync(join(folder, lease))) : [];
}

describe('stages that write and read paths', () => {
  it('leave files and directories, which other stages, results and cache get see as they were', async () => {
    const project = pathsProject();
    const report = await project.run();
    expect(report).toMatchObject({ code: 0, stderr: '', summary: { executed: 3 } });
    const seen = JSON.parse(project.read('results/seen.json')) as object;
    expect(seen).toEqual({
      model: digestBytes(Buffer.alloc(6e6, 7)).slice(0, 8),
      isProtected: true,
      plots: ['inner', 'latest', 'small "1".txt'],
      text: 'first',
      large: 6e6,
      all: [
        [1, 6e6],
        [2, 6e6],
      ],
      scratch: [],
    });
    expect(statSync(project.path('results/model.weights')).size).toBe(6e6);
    const published = treeAt(project.path('results/plots'));
    expect([...published.keys()]).toEqual(['inner/large.bin', 'latest', 'small "1".txt']);
    expect(work(project)).toEqual([]);
    // Equal bytes are there once: two models, and no LMDB file that holds large ones.
    expect(statSync(project.path('cache/data.mdb')).size).toBeLessThan(6e6);
    expect(await project.json(['cache', 'stat'])).toMatchObject({
      blobBytes: 3 * 6e6,
      withoutRecord: { artefacts: 0 },
    });

    expect((await project.run()).summary).toMatchObject({ executed: 0 });
    await project.execute(['cache', 'get', 'make/1.plots', 'copy']);
    expect(treeAt(project.path('copy'))).toEqual(published);
    await project.execute(['cache', 'get', 'make/1.model', 'copied.bin']);
    expect(digestBytes(readFileSync(project.path('copied.bin')))).toBe(digestBytes(Buffer.alloc(6e6, 7)));
    const record = await project.json<{ outputs: { plots: object } }>(['cache', 'show', 'make/1']);
    expect(record.outputs.plots).toMatchObject({
      type: 'directory',
      bytes: 6e6 + 5,
      entries: 3,
      first: [{ path: 'inner/large.bin', bytes: 6e6 }, { path: 'latest', target: 'inner' }, { path: 'small "1".txt' }],
    });
    for (const path of ['results/model.weights', './results/plots', './copy']) {
      const explained = await project.json<{ record: { node: string } }>(['explain', path]);
      expect([path, explained.record.node]).toEqual([path, 'make/1']);
    }
    expect(await project.execute(['report', '--output', 'page.html'])).toMatchObject({ code: 0, stderr: '' });
    expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0 });
  });

  it('run again for their params only, and their dependents only for other bytes', async () => {
    const project = pathsProject();
    expect((await project.run()).code).toBe(0);
    const edited = await project.run(['--set', 'text=second']);
    expect([...edited.started].sort()).toEqual(['make/1', 'make/2', 'read']);
    expect(project.read('results/plots/small "1".txt')).toBe('second');
    project.edit('stages/make.ts', 'Number(coordinates.part)', 'Number(coordinates.part) + 0');
    const same = await project.run(['--set', 'text=second']);
    expect([...same.started].sort()).toEqual(['make/1', 'make/2']);
    expect(same.summary).toMatchObject({ cutOff: 1 });
  });

  it('have their bytes repaired where a blob is damaged', async () => {
    const project = pathsProject();
    expect((await project.run()).code).toBe(0);
    const digests = await project.digests();
    const blobs = readdirSync(project.path('cache/blobs'), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    for (const blob of blobs) {
      chmodSync(join(blob.parentPath, blob.name), 0o644);
      writeFileSync(join(blob.parentPath, blob.name), 'short');
    }
    project.edit('stages/read.ts', 'scratch: readdirSync', 'more: 1, scratch: readdirSync');
    const repaired = await project.run();
    expect(repaired).toMatchObject({ code: 0, summary: { outcome: 'done' } });
    expect(repaired.events.some(({ type }) => type === 'unreadable')).toBe(true);
    // Nothing has read the plots of part 2.
    const verified = await project.execute(['cache', 'verify']);
    expect(verified).toMatchObject({ code: 1, stdout: expect.stringMatching(/^damaged: artefact .* of make\/2\n/) });
    project.edit('stages/read.ts', 'more: 1, ', '');
    expect(await project.run()).toMatchObject({ code: 0, started: ['make/2'] });
    expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0 });
    expect(await project.digests()).toEqual(digests);
  });

  it('fail with the output and the reason where it cannot be kept', async () => {
    const project = pathsProject();
    for (const [odd, fact, fix] of [
      [
        'pipe',
        'the output "plots" of stage make cannot be stored: plots/p is a pipe, and cannot be kept',
        'write plain files, and remove everything else',
      ],
      [
        'outside',
        'the output "model" of stage make cannot be stored: /etc/passwd is not below context.scratch',
        'write it below context.scratch in stages/make.ts',
      ],
      [
        'missing',
        /the output "model" of stage make cannot be stored: none.bin cannot be read \(ENOENT/,
        'write it, with the permission to read it',
      ],
      [
        'value',
        'the output "model" of stage make cannot be stored: it must be a path, and is a number',
        'return the path of a file below context.scratch from run() in stages/make.ts',
      ],
    ] as const) {
      const report = await project.run(['--set', `odd=${odd}`, '--target', 'make/1']);
      expect(report.code).toBe(1);
      expect(report.events.find(({ type }) => type === 'failed')).toMatchObject({
        diagnostic: { fact: typeof fact === 'string' ? fact : expect.stringMatching(fact), fix },
      });
      expect(work(project)).toEqual([]);
    }
    expect(await project.json(['cache', 'stat'])).toMatchObject({ artefacts: 0, blobBytes: 0 });
  });

  it('fail where they change an input that others read too, and the next run repairs it', async () => {
    const project = pathsProject();
    const honest = project.read('stages/read.ts');
    project.edit(
      'stages/read.ts',
      'return {',
      "chmodSync(model, 0o644);\n    writeFileSync(model, 'mine');\n    return {",
    );
    project.edit('stages/read.ts', 'statSync }', 'statSync, chmodSync, writeFileSync }');
    const report = await project.run();
    // Where the file system can clone, the stage has changed its own copy only.
    if (report.code !== 0) {
      expect(report.events.find(({ type }) => type === 'failed')).toMatchObject({
        diagnostic: {
          // Both inputs are links to the same blob.
          fact: expect.stringMatching(
            /^the file of the input "(model|all)" of stage read was written to while the node was/,
          ),
          fix: 'copy an input before changing it; the next run repairs the one in the cache',
        },
      });
    }
    project.write('stages/read.ts', honest);
    expect(await project.run()).toMatchObject({ code: 0, summary: { outcome: 'done' } });
    expect(statSync(project.path('results/model.weights')).size).toBe(6e6);
  });

  it('name an input that is declared as something else', async () => {
    const project = pathsProject();
    project.edit('stages/read.ts', 'plots: one(directory)', 'plots: one(file)');
    const report = await project.run();
    expect(report.code).toBe(2);
    expect(report.events.find(({ type }) => type === 'failed')).toMatchObject({
      diagnostic: {
        fact: 'the input "plots" of stage read is a directory',
        fix: 'declare it in stages/read.ts as one(directory) or many(directory)',
      },
    });
  });

  it('lose nothing by kill -9: the next run finishes, and leaves no file behind', { timeout: 120_000 }, async () => {
    const project = pathsProject();
    for (let kills = 0; kills < 4; kills++) {
      const run = project.start(['run', '--json', '--set', 'megabytes=60'], { detached: true });
      await run.until((running) => nodesOf(running.events(), 'started').length > 0);
      await new Promise((resolve) => setTimeout(resolve, 150 + 150 * kills));
      run.signalGroup('SIGKILL');
      await run.ended;
      expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0 });
    }
    expect(await project.run(['--set', 'megabytes=60'])).toMatchObject({ code: 0, summary: { outcome: 'done' } });
    expect(work(project)).toEqual([]);
    const gc = await project.json<{ leftovers: { files: number } }>([
      'cache',
      'gc',
      '--set',
      'megabytes=60',
      '--keep-runs',
      '1',
    ]);
    const after = await project.json<{ leftovers: { files: number } }>([
      'cache',
      'gc',
      '--dry-run',
      '--set',
      'megabytes=60',
    ]);
    expect([gc.leftovers.files >= 0, after.leftovers.files]).toEqual([true, 0]);
    expect((await project.run(['--set', 'megabytes=60'])).summary).toMatchObject({ executed: 0 });
  });

  it.skipIf(!mayMount())('leave nothing of a large value that a full disk has no room for', async () => {
    const disk = smallDisk('6m');
    const store = openStore(`${disk.folder}/cache`);
    const commit = commitOf('train', { weights: Buffer.alloc(8e6, 1) });
    await expect(store.commit(commit)).rejects.toThrow(
      /^cannot write the artefacts of train in .*\n {2}fix: the disk is full: free some space and run again; nothing finished is lost$/,
    );
    writeFileSync(`${disk.folder}/large`, Buffer.alloc(4.3e6, 2));
    await expect(store.files.take(`${disk.folder}/large`, 'file', false)).rejects.toThrow('the disk is full');
    expect(store.inspection.leftovers()).toEqual({ files: 0, bytes: 0 });
    expect(store.trace(commit.record.key)).toBeUndefined();
    disk.resize('32m');
    await store.commit(commit);
    expect(digestBytes(store.artefact([...commit.artefacts.keys()][0] as ArtefactDigest))).toBe(
      [...commit.artefacts.keys()][0],
    );
    await store.close();
  });

  it.skipIf(!mayMount())('end the run with one line where the disk is full in the middle of a large file', async () => {
    const project = pathsProject();
    const disk = smallDisk('12m');
    const cache = ['--cache', `${disk.folder}/cache`];
    const full = await project.execute(['run', '--jobs', '1', ...cache]);
    expect(full.code).toBe(1);
    expect(full.stderr + full.stdout).toMatch(/ENOSPC|disk is full/);
    disk.resize('64m');
    expect(await project.run(cache)).toMatchObject({ code: 0, summary: { outcome: 'done' } });
    expect(await project.execute(['cache', 'verify', ...cache])).toMatchObject({ code: 0 });
  });
});
