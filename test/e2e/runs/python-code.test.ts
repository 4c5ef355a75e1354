import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

const FILES = {
  'train.py': `"""Trains."""
import json, sys
from models import net
import lib.data as data

# How fast.
json.dump({"value": net.step(data.rows()), "source": open(__file__).read()}, open(sys.argv[1], "w"))
`,
  'models/__init__.py': '',
  'models/net.py': 'from .layers import scale\n\n\ndef step(rows):\n    return scale(sum(rows))\n',
  'models/layers.py': 'FACTOR = 2\n\n\ndef scale(x):\n    return FACTOR * x\n\n\ndef unused():\n    return 1\n',
  'models/other.py': 'import nothing\n',
  'lib/data.py': 'def rows():\n    return [1, 2, 3]\n',
};

function python(files: Readonly<Record<string, string>> = {}, code = '[train.py]', more = ''): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: python
stages:
  train:
    command: [python3, train.py, "{outputs.made}"]
    code: ${code}
    outputs: {made: json}
${more}targets: {all: {files: {made.json: train.made}}}
`,
    ...FILES,
    ...files,
  });
}

function made(project: Project): { readonly value: number; readonly source: string } {
  return JSON.parse(project.read('results/made.json'));
}

/** A folder whose python3 counts how often it is started. */
function countingPython(project: Project): { readonly env: Record<string, string>; readonly starts: () => number } {
  const folder = project.path('counting');
  const log = project.path('counting/starts');
  mkdirSync(folder);
  writeFileSync(`${folder}/python3`, `#!/bin/sh\necho x >> '${log}'\nPATH=\${PATH#*:}\nexec python3 "$@"\n`);
  chmodSync(`${folder}/python3`, 0o755);
  const env = { PATH: [folder, process.env.PATH].join(delimiter) };
  return { env, starts: () => (existsSync(log) ? readFileSync(log, 'utf8').length / 2 : 0) };
}

describe('the Python code of a command', () => {
  it('is found by its imports, and only what it reaches is in its folder and its key', async () => {
    const project = python();
    expect(await project.run()).toMatchObject({ code: 0, stderr: '' });
    expect(made(project).value).toBe(12);
    project.edit('models/layers.py', 'FACTOR = 2', 'FACTOR = 3');
    expect((await project.run()).started).toEqual(['train']);
    expect(made(project).value).toBe(18);
    project.write('models/other.py', 'import something\n');
    project.write('models/more.py', '');
    expect((await project.run()).started).toEqual([]);
  });

  it('counts without comments, layout and docstrings, and what runs is what was hashed', async () => {
    const project = python();
    await project.run();
    const before = made(project);
    project.edit('train.py', '# How fast.', '# How slow, and why.');
    project.edit('train.py', '"""Trains."""', '"""Trains it.\n\nIn two lines."""');
    project.edit(
      'models/net.py',
      'def step(rows):\n    return scale(sum(rows))',
      'def step(\n  rows ):\n  return (scale( sum(rows) ) )',
    );
    expect((await project.run()).started).toEqual([]);
    expect((await project.run(['--force', 'train'])).started).toEqual(['train']);
    expect(made(project)).toEqual(before);
  });

  it('differs when a new module takes the place of one, or of an installed package', async () => {
    const project = python();
    await project.run();
    project.write('models/layers/__init__.py', 'def scale(x):\n    return 7\n');
    expect((await project.run()).started).toEqual(['train']);
    expect(made(project).value).toBe(7);
    project.write(
      'json.py',
      'from models import net\n\n\ndef dump(value, file):\n    file.write(\'{"value": 1, "source": ""}\')\n',
    );
    expect((await project.run()).started).toEqual(['train']);
    expect(made(project).value).toBe(1);
  });

  it('is not read again by Python while no file and no folder that was searched has changed', async () => {
    const project = python();
    const { env, starts } = countingPython(project);
    // What was written within the tick of a clock is read again, once.
    for (let run = 0; run < 2; run++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await project.run([], { env });
    }
    const before = starts();
    expect(before).toBeGreaterThan(0);
    for (const command of ['status', 'plan', 'run', 'explain']) {
      await project.execute(command === 'explain' ? [command, 'train'] : [command], { env });
    }
    expect(starts()).toBe(before);
    project.write('models/unrelated.py', 'x = 1\n');
    await project.execute(['status'], { env });
    expect(starts()).toBe(before);
    project.write('lib.py', '');
    await project.execute(['status'], { env });
    expect(starts()).toBe(before + 1);
  });

  it('is explained: the changed functions, the source, and what is not followed', async () => {
    const project = python({
      'lib/data.py':
        'import importlib\n\n\ndef rows(name="math"):\n    importlib.import_module(name)\n    return [1, 2, 3]\n',
    });
    await project.run();
    const { stdout } = await project.execute(['explain', 'train']);
    expect(stdout).toContain('imports not followed: lib/data.py:5');
    project.edit('models/layers.py', 'return FACTOR * x', 'return FACTOR * x + 1');
    project.edit('models/layers.py', 'return 1', '# The first number.\n    return 1');
    project.edit('models/net.py', 'def step', '# Steps.\ndef step');
    const changed = await project.execute(['explain', 'train', '--diff']);
    expect(changed.stdout).toContain('code changed: models/layers.py › scale\n');
    expect(changed.stdout).toContain('+    return FACTOR * x + 1');
    expect(changed.stdout).not.toContain('# Steps.');
  });

  it('counts by its bytes where it does not parse, and explain says why', async () => {
    const project = python({ 'lib/data.py': 'def rows():\n    return [1, 2\n' }, '[train.py, lib]');
    const { code, stdout } = await project.execute(['run']);
    expect(code).toBe(1);
    expect(stdout).toContain('exit code 1');
    const explained = await project.execute(['explain', 'train']);
    expect(explained.stdout).toContain('lib/data.py counts by its bytes, and its imports are not followed: line 2');
    project.edit('lib/data.py', '[1, 2', '[1, 2]');
    expect(await project.run()).toMatchObject({ code: 0 });
  });

  it('needs Python, and the message says so', async () => {
    const project = python();
    const { code, stderr } = await project.execute(['run'], { env: { PATH: '/nonexistent' } });
    expect(code).toBe(1);
    expect(stderr).toContain('there is no python3 on PATH');
    expect(stderr).toContain('install Python 3.9 or newer');
  });

  it('is looked for in folders of a declared PYTHONPATH too', async () => {
    const project = python(
      {
        'train.py': 'import json, sys\nimport deep\njson.dump({"value": deep.x}, open(sys.argv[1], "w"))\n',
        'src/deep.py': 'x = 1\n',
      },
      '[train.py]',
      '    variables: [PYTHONPATH]\n',
    );
    const env = { PYTHONPATH: 'src' };
    expect(await project.run([], { env })).toMatchObject({ code: 0 });
    project.edit('src/deep.py', '1', '2');
    expect((await project.run([], { env })).started).toEqual(['train']);
    expect(made(project).value).toBe(2);
  });
});
