import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chainsProject } from '../support/chains.ts';
import type { Running } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { projectOf } from '../support/project.ts';

/** Waits for the session to have said for the n-th time that it watches. */
function watching(session: Running, times: number): Promise<boolean> {
  return session.until((running) => running.outputText().split(/^watching |"watching"/m).length > times);
}

describe('run --watch', () => {
  it('runs again after edits of a stage, of what it reaches, and of the pipeline; shows mistakes; ends with 130', async () => {
    const project = chainsProject(1, 2, 0);
    const session = project.start(['run', '--watch']);
    expect(await watching(session, 1)).toBe(true);
    expect(session.outputText()).toMatch(/done: 4 nodes executed[\s\S]*\nwatching 6 files; Ctrl-C ends\n$/);

    project.edit('shared/arithmetic.ts', '48271', '16807');
    expect(await watching(session, 2)).toBe(true);
    expect(session.outputText()).toMatch(/done: 3 nodes executed, 1 up to date/);
    expect(JSON.parse(project.read('results/total.json'))).toBe(1000 * 16807 + ((1000 * 16807 ** 2) % 2147483647));

    project.edit('pipeline.yaml', 'outputs: {total: json}', 'outputs: {total: jsn}');
    expect(await watching(session, 3)).toBe(true);
    expect(session.outputText()).toContain('"total" is the text "jsn", which is not allowed here\n');
    project.edit('pipeline.yaml', 'outputs: {total: jsn}', 'outputs: {total: json}');
    expect(await watching(session, 4)).toBe(true);
    expect(session.outputText()).toContain('up to date: 0 nodes executed, 4 nodes found in the cache');

    session.signal('SIGINT');
    expect(await session.ended).toMatchObject({ code: 130, stderr: '' });
  });

  it('lets a running node finish that is still valid, and stops one that is not', async () => {
    const project = gateProject(1);
    project.write(
      'stages/other.ts',
      project
        .read('stages/wait.ts')
        .replace('json<boolean>() },\n  async', 'json<boolean>() },\n  // first\n  async')
        .replace('pid-', 'other-'),
    );
    project.write(
      'pipeline.yaml',
      `${project.read('pipeline.yaml')}  other:\n    run: stages/other.ts\n    each: {number: [1]}\n    outputs: {done: json}\n`,
    );
    const session = project.start(['run', '--watch', '--json', '--jobs', '2']);
    const kept = await processOf(project, 1);
    await session.until((running) => running.events().filter(({ type }) => type === 'started').length === 2);

    // A comment changes nothing: both go on.
    project.edit('stages/other.ts', '// first', '// second');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(session.outputText()).not.toContain('edited');

    project.edit('stages/other.ts', 'return { done: true }', 'return { done: false }');
    expect(await session.until((running) => running.outputText().includes('{"type":"edited"}'))).toBe(true);
    expect(await processOf(project, 1)).toBe(kept);
    expect(() => process.kill(kept, 0)).not.toThrow();
    project.write('gate', '');
    expect(await watching(session, 1)).toBe(true);
    const started = session.events().flatMap((event) => (event.type === 'started' ? [event.node] : []));
    expect([...started].sort()).toEqual(['other/1', 'other/1', 'wait/1']);
    const finished = session.events().flatMap((event) => (event.type === 'finished' ? [event.node] : []));
    expect([...finished].sort()).toEqual(['other/1', 'wait/1']);
    session.signal('SIGTERM');
    expect(await session.ended).toMatchObject({ code: 130, stderr: '' });
  });

  it('runs again after an edit of a Python module that a command imports, and of a module that takes its place', async () => {
    const project = projectOf({
      'pipeline.yaml':
        'version: 1\nname: python\nstages:\n  only:\n    command: [python3, main.py, "{outputs.made}"]\n    code: [main.py]\n    outputs: {made: json}\n',
      'main.py': 'import sys\nimport helper\nopen(sys.argv[1], "w").write(str(helper.x))\n',
      'helper.py': 'x = 1\n',
    });
    const session = project.start(['run', '--watch']);
    expect(await watching(session, 1)).toBe(true);
    project.edit('helper.py', '1', '2');
    expect(await watching(session, 2)).toBe(true);
    project.write('helper/__init__.py', 'x = 3\n');
    expect(await watching(session, 3)).toBe(true);
    expect(session.outputText().match(/done: 1 nodes? executed/g)).toHaveLength(3);
    session.signal('SIGINT');
    await session.ended;
  });

  it('runs again after edits of a linked package and of a working copy that Python has on its path', async () => {
    const packages = temporaryFolder();
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: linked
stages:
  module: {run: stage.ts, outputs: {made: json}}
  command:
    command: [python3, -B, main.py, "{outputs.made}"]
    code: [main.py]
    secrets: [PYTHONPATH]
    outputs: {made: json}
targets: {all: {files: {module.json: module.made, command.json: command.made}}}
`,
      'stage.ts': `import { defineStage, json } from 'vmfdag/stage';
import { work } from 'work';
import * as v from 'valibot';
export default defineStage({ params: v.object({}), inputs: {}, outputs: { made: json() }, run: () => ({ made: work }) });
`,
      'main.py': `import sys, copied
open(sys.argv[1], "w").write(str(copied.x))
`,
      'packages/work/package.json': '{"name": "work", "version": "1.0.0", "type": "module", "main": "lib/index.js"}\n',
      'packages/work/lib/index.js': 'export const work = 1;\n',
    });
    symlinkSync('../packages/work', project.path('node_modules/work'));
    const copied = (x: number) => writeFileSync(join(packages, 'copied.py'), `x = ${x}\n`);
    copied(1);
    const session = project.start(['run', '--watch'], { env: { PYTHONPATH: packages } });
    const shows = (command: string, module: string) =>
      session.until(() => {
        const read = (name: string) => (existsSync(project.path(name)) ? project.read(name) : '');
        return read('results/command.json') === command && read('results/module.json').trim() === module;
      });
    expect(await watching(session, 1)).toBe(true);
    expect(await shows('1', '1')).toBe(true);
    project.write('packages/work/lib/index.js', 'export const work = 2;\n');
    expect(await shows('1', '2')).toBe(true);
    copied(2);
    expect(await shows('2', '2')).toBe(true);
    session.signal('SIGINT');
    await session.ended;
  });
});
