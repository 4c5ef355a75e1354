import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { problemsOf } from '../support/output-schemas.ts';
import { Packages } from '../support/packages.ts';
import { type Project, projectOf } from '../support/project.ts';

/** Two commands with packages of their own, and one stage that reads the first. */
function project(main: string): { readonly project: Project; readonly packages: Packages } {
  const packages = new Packages();
  packages.install('alpha', '1.0', { 'alpha/__init__.py': 'x = 1\n', 'alpha/deep.py': '' });
  packages.install('beta', '1.0', { 'beta.py': 'x = 1\n' });
  const made = projectOf({
    'pipeline.yaml': `version: 1
name: software
stages:
  first:
    command: [python3, -B, first.py, "{outputs.made}"]
    code: [first.py]
    secrets: [PYTHONPATH]
    outputs: {made: json}
  second:
    command: [python3, -B, second.py, "{outputs.made}"]
    code: [second.py]
    secrets: [PYTHONPATH]
    outputs: {made: json}
  after:
    command: "cat {inputs.made} > {outputs.made}"
    inputs: {made: first.made}
    outputs: {made: json}
targets: {all: {files: {first.json: after.made, second.json: second.made}}}
`,
    'first.py': main,
    'second.py': 'import sys, beta\nopen(sys.argv[1], "w").write(str(beta.x))\n',
  });
  return { project: made, packages };
}

const MAIN = 'import sys, alpha\nopen(sys.argv[1], "w").write(str(alpha.x))\n';

/** Where a program finds its module. */
interface Place {
  readonly program: string;
  /** More files of the project. */
  readonly files?: Readonly<Record<string, string>>;
  /** What PYTHONPATH names. */
  readonly entry: string;
  readonly python?: string;
  readonly home?: string;
  /** Changes what the program does not find. */
  readonly harmless?: () => void;
  readonly edit: () => void;
}

function zip(archive: string, name: string, text: string): void {
  const program = 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as made: made.writestr(*sys.argv[2:])';
  expect(spawnSync('python3', ['-c', program, archive, name, text]).status).toBe(0);
}

/** Clocks of file systems lag: what was installed just now may have been installed while the program ran. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('the software that a command used', () => {
  it('reruns the nodes that used a package when it is upgraded, and nothing else', async () => {
    const { project: made, packages } = project(MAIN);
    const env = { PYTHONPATH: packages.folder };
    await settle();
    expect((await made.run([], { env })).started).toEqual(['after', 'first', 'second']);
    expect((await made.run([], { env })).started).toEqual([]);
    const explained = await made.execute(['explain', 'first'], { env });
    expect(explained.stdout).toMatch(/environment tracked: Python 3\.\d+\.\d+, .*alpha 1\.0/);
    expect(explained.stdout).not.toContain('beta');
    const current = await made.execute(['explain', 'first', '--json'], { env });
    expect(problemsOf('explain', JSON.parse(current.stdout))).toEqual([]);

    packages.install('alpha', '1.1', { 'alpha/__init__.py': 'x = 2\n', 'alpha/deep.py': '' });
    await settle();
    const status = await made.execute(['status'], { env });
    const states = await made.execute(['status', '--json'], { env });
    expect(problemsOf('node-states', JSON.parse(states.stdout))).toEqual([]);
    const document = await made.execute(['explain', 'first', '--json'], { env });
    expect(problemsOf('explain', JSON.parse(document.stdout))).toEqual([]);
    const why = await made.execute(['explain', 'first'], { env });
    expect(why.stdout).toContain('an installed package that it imported has changed: alpha 1.0 → 1.1');
    expect(status.stdout).toContain('alpha 1.0 → 1.1');
    expect((await made.run([], { env })).started).toEqual(['after', 'first']);
    expect(made.read('results/first.json')).toBe('2');
    expect((await made.run([], { env })).started).toEqual([]);
  });

  it('is compared between runs, by the results that they had', async () => {
    const { project: made, packages } = project(MAIN);
    const env = { PYTHONPATH: packages.folder };
    const install = async (version: string, text: string) => {
      packages.install('alpha', version, { 'alpha/__init__.py': text });
      await settle();
      expect((await made.run([], { env })).code).toBe(0);
    };
    await install('1.0', 'x = 1\n');
    await install('1.1', 'x = 2\n');
    await install('1.1', 'x = 3\n');
    const difference = async (old: string, current: string) => {
      const { stdout } = await made.execute(['diff', old, current, '--json'], { env });
      const document = JSON.parse(stdout);
      expect(problemsOf('diff', document)).toEqual([]);
      return document;
    };
    const changed = (old: string, current: string) => ({
      environments: [
        {
          stage: 'first',
          nodes: ['first'],
          software: expect.arrayContaining([{ kind: 'package', name: 'alpha', old, new: current }]),
        },
      ],
      nodes: [{ node: 'first', comparison: 'other bytes' }, { node: 'after' }].map((each) =>
        expect.objectContaining(each),
      ),
    });
    expect(await difference('last~2', 'last~1')).toMatchObject(changed('1.0', '1.1'));
    expect(await difference('last~1', 'last')).toMatchObject(changed('1.1', '1.1 with other files'));
    expect(await difference('last', 'last~2')).toMatchObject(changed('1.1', '1.0'));
    expect(await difference('last', 'last')).toMatchObject({ environments: [], nodes: [] });
    const { stdout } = await made.execute(['diff', 'last~2', 'last~1'], { env });
    expect(stdout).toContain('package alpha 1.0 → 1.1');
  });

  it('is looked up by a run that an earlier one has confirmed', async () => {
    const { project: made, packages } = project(MAIN);
    const env = { PYTHONPATH: packages.folder };
    await settle();
    for (let run = 0; run < 3; run++) await made.execute(['run'], { env });
    packages.install('alpha', '1.1', { 'alpha/__init__.py': 'x = 2\n' });
    await settle();
    const { stdout } = await made.execute(['run'], { env });
    expect(stdout).toContain('done: 2 nodes executed');
    expect(made.read('results/first.json')).toBe('2');
    expect((await made.execute(['run'], { env })).stdout).toContain('up to date: 0 nodes executed');
  });

  it('cuts off what reads the same bytes', async () => {
    const { project: made, packages } = project(MAIN);
    const env = { PYTHONPATH: packages.folder };
    await settle();
    await made.run([], { env });
    packages.install('alpha', '2.0', { 'alpha/__init__.py': 'x = 1  # as before\n' });
    await settle();
    expect(await made.run([], { env })).toMatchObject({ started: ['first'], summary: { cutOff: 1 } });
  });

  it.each([
    [
      'a package is installed again with other files',
      (packages: Packages) => packages.install('alpha', '1.0', { 'alpha/__init__.py': 'x = 5\n' }),
      '5',
    ],
    ['a package is removed', (packages: Packages) => packages.remove('alpha'), undefined],
    [
      'an optional module is installed',
      (packages: Packages) => packages.install('gamma', '1.0', { 'gamma.py': 'x = 6\n' }),
      '6',
    ],
    ['a module of no package is edited', (packages: Packages) => packages.write('loose.py', 'x = 7\n'), '7'],
  ])('reruns a node when %s', async (_, change, expected) => {
    const { project: made, packages } = project(
      'import sys, alpha, loose\nx = loose.x or alpha.x\ntry:\n    from gamma import x\nexcept ImportError:\n    pass\nopen(sys.argv[1], "w").write(str(x))\n',
    );
    packages.write('loose.py', 'x = 0\n');
    const env = { PYTHONPATH: packages.folder };
    await settle();
    expect(await made.run([], { env })).toMatchObject({ code: 0 });
    expect((await made.run([], { env })).started).toEqual([]);
    packages.install('unrelated', '1.0', { 'unrelated.py': '' });
    expect((await made.run([], { env })).started).toEqual([]);
    change(packages);
    await settle();
    const run = await made.run([], { env });
    expect(run.started).toContain('first');
    expect(run.started).not.toContain('second');
    if (expected) expect(made.read('results/first.json')).toBe(expected);
    else expect(run.code).toBe(1);
  });

  it('counts packages that only a killed process has imported', async () => {
    const { project: made, packages } = project(
      'import os, subprocess, sys\nsubprocess.run([sys.executable, "-c", "import alpha, os; os.kill(os.getpid(), 9)"])\nopen(sys.argv[1], "w").write("1")\n',
    );
    const env = { PYTHONPATH: packages.folder };
    await settle();
    await made.run([], { env });
    expect((await made.execute(['explain', 'first'], { env })).stdout).toContain('alpha 1.0');
    packages.install('alpha', '1.1', { 'alpha/__init__.py': 'x = 2\n' });
    await settle();
    expect((await made.run([], { env })).started).toEqual(['first']);
  });

  /** Programs that find their module in a place of its own, with an edit that lets them find another one. */
  const PLACES: Readonly<Record<string, (folder: string) => Place>> = {
    'where a module of the code has the name of a missing one': (folder) => ({
      files: { 'parts/late.py': 'y = 0\n' },
      program: 'from parts import late as other\ntry:\n    from late import x\nexcept ImportError:\n    x = other.y',
      entry: folder,
      edit: () => writeFileSync(join(folder, 'late.py'), 'x = 1\n'),
    }),
    'where a folder of the code has the name of a package': (folder) => ({
      files: { 'late/part.py': 'y = 0\n' },
      program: 'import late\ntry:\n    from late import part\nexcept ImportError:\n    pass\nx = getattr(late, "x", 0)',
      entry: folder,
      edit: () => writeFileSync(join(folder, 'late.py'), 'x = 1\n'),
    }),
    'in an archive': (folder) => {
      zip(join(folder, 'late.zip'), 'late.py', 'x = 0\n');
      return {
        program: 'from late import x',
        entry: join(folder, 'late.zip'),
        edit: () => zip(join(folder, 'late.zip'), 'late.py', 'x = 1\n'),
      };
    },
    'in the first folder of the user': (folder) => {
      const site = spawnSync('python3', ['-c', 'import site; print(site.getusersitepackages())'], {
        env: { ...process.env, HOME: folder },
        encoding: 'utf8',
      }).stdout.trim();
      return {
        program: 'try:\n    from late import x\nexcept ImportError:\n    x = 0',
        entry: '',
        home: folder,
        harmless: () => mkdirSync(site, { recursive: true }),
        edit: () => writeFileSync(join(site, 'late.py'), 'x = 1\n'),
      };
    },
    'in a working copy': (folder) => {
      for (const value of [0, 1]) {
        mkdirSync(join(folder, `copy${value}`));
        writeFileSync(join(folder, `copy${value}/late.py`), `x = ${value}\n`);
      }
      const environment = join(folder, 'environment');
      spawnSync('python3', ['-m', 'venv', '--without-pip', environment]);
      const [version = ''] = readdirSync(join(environment, 'lib'));
      const link = join(environment, 'lib', version, 'site-packages/late.pth');
      writeFileSync(link, `${folder}/copy0\n`);
      return {
        program: 'from late import x',
        entry: '',
        python: join(environment, 'bin/python3'),
        harmless: () => writeFileSync(join(link, '../other.pth'), `${folder}\n`),
        edit: () => writeFileSync(link, `${folder}/copy1\n`),
      };
    },
  };

  it.each(Object.entries(PLACES))('reruns a node that finds another module %s', async (_, place) => {
    const folder = temporaryFolder();
    const { files = {}, program, entry, python = 'python3', home, harmless, edit } = place(folder);
    const made = projectOf({
      'pipeline.yaml': `version: 1
name: places
stages:
  only:
    command: [${python}, -B, main.py, "{outputs.made}"]
    code: [main.py]
    secrets: [PYTHONPATH]
    outputs: {made: json}
targets: {all: {files: {made.json: only.made}}}
`,
      'main.py': `import sys\n${program}\nopen(sys.argv[1], "w").write(str(x))\n`,
      ...files,
    });
    const env = { PYTHONPATH: entry, ...(home === undefined ? {} : { HOME: home }) };
    await settle();
    expect(await made.run([], { env })).toMatchObject({ code: 0 });
    expect(made.read('results/made.json')).toBe('0');
    // No module, though it has the name.
    writeFileSync(join(folder, 'late.csv'), '1\n');
    harmless?.();
    expect((await made.run([], { env })).started).toEqual([]);
    edit();
    await settle();
    expect((await made.execute(['status', '--json'], { env })).stdout).toContain('"stale"');
    expect((await made.run([], { env })).started).toEqual(['only']);
    expect(made.read('results/made.json')).toBe('1');
    expect((await made.run([], { env })).started).toEqual([]);
  });

  it('is not trusted where it was changed while the program ran', async () => {
    const { project: made, packages } = project(
      `${MAIN}import os\npath = alpha.__path__[0] + "-1.0.dist-info/RECORD"\nopen(path, "a").write("\\n") if not os.path.exists(sys.argv[0] + "x") else None\n`,
    );
    const env = { PYTHONPATH: packages.folder };
    await settle();
    expect(await made.run([], { env })).toMatchObject({ code: 0 });
    expect((await made.run([], { env })).started).toEqual(['first']);
  });

  it('is the program too: another file, another place on PATH', async () => {
    const folder = temporaryFolder();
    const tool = (name: string, text: string) => {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'tool'), `#!/bin/sh\n${text} > "$1"\n`);
      chmodSync(join(folder, name, 'tool'), 0o755);
    };
    tool('a', 'echo 1');
    tool('b', 'echo 2');
    const made = projectOf({
      'pipeline.yaml':
        'version: 1\nname: tool\nstages:\n  only:\n    command: [tool, "{outputs.made}"]\n    outputs: {made: json}\ntargets: {all: {files: {made.json: only.made}}}\n',
    });
    const env = { PATH: `${folder}/a:${folder}/b:${process.env.PATH}` };
    await settle();
    await made.run([], { env });
    expect((await made.run([], { env })).started).toEqual([]);
    expect((await made.execute(['explain', 'only'], { env })).stdout).toContain(
      `environment not tracked, except for the file ${folder}/a/tool`,
    );
    tool('a', 'echo 3');
    await settle();
    expect((await made.execute(['explain', 'only'], { env })).stdout).toContain(
      'a program that it used has changed: tool',
    );
    expect((await made.run([], { env })).started).toEqual(['only']);
    expect(made.read('results/made.json')).toBe('3\n');
    rmSync(join(folder, 'a/tool'));
    expect((await made.run([], { env })).started).toEqual(['only']);
    expect(made.read('results/made.json')).toBe('2\n');
    symlinkSync(join(folder, 'b/tool'), join(folder, 'a/tool'));
    await made.run([], { env });
    expect((await made.run([], { env })).started).toEqual([]);
    expect(readFileSync(join(folder, 'b/tool'), 'utf8')).toContain('echo 2');
  });
});

describe('software in a declared environment', () => {
  /** A command in an environment that pip could have made. */
  function inEnvironment(main: string, requirements: string) {
    const folder = temporaryFolder();
    expect(spawnSync('python3', ['-m', 'venv', '--without-pip', folder]).status).toBe(0);
    const [version = ''] = readdirSync(join(folder, 'lib'));
    const installed = join(folder, 'lib', version, 'site-packages');
    const install = (name: string, files: Readonly<Record<string, string>>) => {
      const info = join(installed, `${name}-1.0.dist-info`);
      mkdirSync(info, { recursive: true });
      for (const [path, text] of Object.entries(files)) writeFileSync(join(installed, path), text);
      writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`);
      writeFileSync(
        join(info, 'RECORD'),
        Object.keys(files)
          .map((path) => `${path},,\n`)
          .join(''),
      );
    };
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: environment
stages:
  only:
    command: [python, -B, main.py, "{outputs.made}"]
    code: [main.py]
    environment: {lock: requirements.txt, interpreter: ${join(folder, 'bin/python')}}
    outputs: {made: json}
targets: {all: {files: {made.json: only.made}}}
`,
      'requirements.txt': requirements,
      'main.py': main,
    });
    return { project, install };
  }

  it('reruns a node when a working copy is edited that it imported', async () => {
    const main = 'import sys, alpha\nopen(sys.argv[1], "w").write(str(alpha.x))\n';
    const { project: made, install } = inEnvironment(main, 'alpha==1.0\n');
    const copy = temporaryFolder();
    install('alpha', { '__editable__.alpha.pth': `${copy}\n` });
    writeFileSync(join(copy, 'alpha.py'), 'x = 1\n');
    await settle();
    expect((await made.run()).started).toEqual(['only']);
    expect((await made.run()).started).toEqual([]);
    writeFileSync(join(copy, 'alpha.py'), 'x = 2\n');
    await settle();
    expect((await made.execute(['status'])).stdout).toContain('alpha');
    expect((await made.run()).started).toEqual(['only']);
    expect(made.read('results/made.json')).toBe('2');
  });

  it('reruns a node that used a package which was replaced while it ran', async () => {
    const main = `import sys, os, alpha
open(sys.argv[1], "w").write(str(alpha.x))
if alpha.x == 1:
    folder = os.path.dirname(alpha.__file__)
    open(folder + "/alpha.py", "w").write("x = 2\\n")
    open(folder + "/alpha-1.0.dist-info/RECORD", "w").write("alpha.py,other,\\n")
    os.mkdir(folder + "/beta")
`;
    const { project: made, install } = inEnvironment(main, 'alpha==1.0\n');
    install('alpha', { 'alpha.py': 'x = 1\n' });
    await settle();
    expect((await made.run()).started).toEqual(['only']);
    await settle();
    expect((await made.run()).started).toEqual(['only']);
    expect(made.read('results/made.json')).toBe('2');
    expect((await made.run()).started).toEqual([]);
  });
});
