import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { type Project, projectOf } from '../support/project.ts';

/** What Python does with a file of the project, and how the failure names it. `at` gives its absolute path. */
const REFUSED: Readonly<Record<string, readonly [statement: string, named: string]>> = {
  read: ['open(at("data/x.txt")).read()', 'data/x.txt'],
  'by-pathlib': ['import pathlib; pathlib.Path(at("data/x.txt")).read_text()', 'data/x.txt'],
  'by-descriptor': ['os.read(os.open(at("data/x.txt"), os.O_RDONLY), 9)', 'data/x.txt'],
  listed: ['os.listdir(at("data"))', 'data (listed)'],
  globbed: ['import glob; glob.glob(at("data/*"))', 'data (listed)'],
  imported: ['sys.path.insert(0, at("data")); import module', 'data/module.py'],
  'by-a-child': ['subprocess.run([sys.executable, "-c", f"open({at(\'data/x.txt\')!r})"], check=True)', 'data/x.txt'],
  'by-a-fork': [
    'pid = os.fork() or (open(at("data/x.txt")), os._exit(0))\nif isinstance(pid, int): os.waitpid(pid, 0)',
    'data/x.txt',
  ],
  'by-a-killed-process': [
    'subprocess.run([sys.executable, "-c", f"import os; open({at(\'data/x.txt\')!r}); os.kill(os.getpid(), 9)"])',
    'data/x.txt',
  ],
};

const ALLOWED: Readonly<Record<string, string>> = {
  'a file that it asks for': 'os.path.exists(at("data/x.txt"))',
  'a file outside': 'open("/etc/hostname", "a+").close() if os.access("/etc/hostname", os.W_OK) else None',
  'its own input': 'open("inputs/data").read()',
  'its own temporary file': 'import tempfile; tempfile.TemporaryFile()',
  'what it wrote itself': 'open(at("data/new.txt"), "w").write("x"); open(at("data/new.txt")).read()',
  'a pinned file': 'open(at("data/pinned.txt")).read()',
};

function python(statement: string, more = '', word = 'python3'): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: audited
params: {digest: ""}
sources: {data: {file: data/x.txt}}
stages:
  only:
    command: [${word}, main.py, "{outputs.made}"]
    code: [main.py]
    params: {digest: "\${digest}"}
    outputs: {made: json}
${more}`,
    'main.py': `import os, subprocess, sys\n\ndef at(path):\n    return os.path.join(os.environ["VMFDAG_AUDIT_ROOT"], path)\n\n${statement}\nopen(sys.argv[1], "w").write("1")\n`,
    'data/x.txt': '1\n',
    'data/module.py': 'x = 1\n',
    'data/pinned.txt': 'pinned',
  });
}

describe('a Python program that opens a file of the project that is not declared', () => {
  it.each(Object.entries(REFUSED))('fails: %s', async (_, [statement, named]) => {
    const { code, stdout, stderr } = await python(statement).execute(['run']);
    expect(stdout + stderr).toContain(`stage only opened a file of the project that is not declared: ${named}`);
    expect(stdout + stderr).toContain(
      'name it in "code:", read it as an input, or say "undeclared: ignore" in stage only',
    );
    expect(code).toBe(2);
  });

  it('is told of with "warn", and left alone with "ignore"', async () => {
    const warned = await python(REFUSED.read?.[0] ?? '', '    undeclared: warn\n').execute(['run']);
    expect(warned.code).toBe(0);
    expect(warned.stdout + warned.stderr).toContain('not declared: data/x.txt');
    const ignored = await python(REFUSED.read?.[0] ?? '', '    undeclared: ignore\n').execute(['run']);
    expect(ignored.code).toBe(0);
    expect(ignored.stdout + ignored.stderr).not.toContain('data/x.txt');
  });
});

describe('a Python program may open', () => {
  it.each(Object.entries(ALLOWED))('%s', async (_, statement) => {
    const project = python(statement, '    inputs: {data: data}\n');
    project.edit('pipeline.yaml', 'digest: ""', `digest: "${sha256(project, 'data/pinned.txt')}"`);
    const { code, stdout, stderr } = await project.execute(['run']);
    expect(stdout + stderr).not.toContain('not declared');
    expect(code).toBe(0);
    expect((await project.execute(['explain', 'only'])).stdout).toContain('reads tracked: its Python processes');
  });
});

const strace = spawnSync('strace', ['-f', '-qqq', 'true']).status === 0;

describe.skipIf(!strace)('with strace', () => {
  function shell(text: string, more = ''): Project {
    const project = projectOf({ 'data/x.txt': '1\n', 'data/é "y".txt': '2\n', 'data/tool.sh': '#!/bin/sh\necho 1\n' });
    spawnSync('chmod', ['+x', project.path('data/tool.sh')]);
    const command = text.replaceAll('@', project.directory);
    project.write(
      'pipeline.yaml',
      `version: 1\nname: shell\nstages:\n  only:\n    command: ${JSON.stringify(`${command}; echo 1 > {outputs.made}`)}\n    undeclared: strace\n    outputs: {made: json}\n${more}`,
    );
    return project;
  }

  it.each([
    ['cat @/data/x.txt', 'data/x.txt'],
    ['(cd @/data && cat x.txt)', 'data/x.txt'],
    ['cat "@/data/é \\"y\\".txt"', 'data/é "y".txt'],
    ['ls @/data', 'data (listed)'],
    ['@/data/tool.sh', 'data/tool.sh'],
    ['sh -c "sh -c \'sort < @/data/x.txt\'"', 'data/x.txt'],
  ])('any program fails that opens one: %s', async (text, named) => {
    const { code, stdout, stderr } = await shell(text).execute(['run']);
    expect(stdout + stderr).toContain(`that is not declared: ${named}`);
    expect(code).toBe(2);
  });

  it('what it wrote itself, and what is only asked for, is allowed, and explain says so', async () => {
    const project = shell('test -e @/data/x.txt; test ! -e @/data/none; cat @/data/none2 2>/dev/null || true');
    expect((await project.execute(['run'])).code).toBe(0);
    expect((await project.execute(['explain', 'only'])).stdout).toContain('reads tracked: no program opened');
  });

  it('programs and libraries that it used are looked up again', async () => {
    const project = shell('"$HOME/tool"');
    const home = temporaryFolder();
    const tool = (text: string) => writeFileSync(join(home, 'tool'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    tool('true');
    const env = { HOME: home };
    await new Promise((resolve) => setTimeout(resolve, 60));
    await project.run([], { env });
    expect((await project.run([], { env })).started).toEqual([]);
    const explained = await project.execute(['explain', 'only'], { env });
    expect(explained.stdout).toMatch(/environment tracked: \d+ programs, \d+ libraries \(strace\)/);
    tool('true # again');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await project.execute(['explain', 'only'], { env })).stdout).toContain(`has changed: ${home}/tool`);
    expect((await project.run([], { env })).started).toEqual(['only']);
  });

  it('the exit code and the signal of the program are its own', async () => {
    const ended = await shell('exit 3').execute(['run']);
    expect(ended.stdout + ended.stderr).toContain('ended with exit code 3');
    const killed = await shell('kill -TERM $$').execute(['run']);
    expect(killed.stdout + killed.stderr).toContain('SIGTERM');
  });

  it('says what to do where there is none, and where it may not trace', async () => {
    const project = shell('true');
    const folder = project.path('programs');
    mkdirSync(folder);
    const without = await project.execute(['run'], { env: { PATH: folder } });
    expect(without.stdout + without.stderr).toContain('apt-get install strace');
    const refusing = `#!/bin/sh\necho 'strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted' >&2\nexit 1\n`;
    writeFileSync(`${folder}/strace`, refusing, { mode: 0o755 });
    const refused = await project.execute(['run'], { env: { PATH: `${folder}:${process.env.PATH}` } });
    expect(refused.stdout + refused.stderr).toContain('Operation not permitted');
    expect(refused.stdout + refused.stderr).toContain('SYS_PTRACE');
  });
});

function sha256(project: Project, path: string): string {
  return spawnSync('sha256sum', [project.path(path)], { encoding: 'utf8' }).stdout.slice(0, 64);
}
