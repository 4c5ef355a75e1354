import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { processesOf, workersOf } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';

const SUM = `import json, os, sys
sys.path.insert(0, "lib")
import table

document = json.load(open(os.environ["VMFDAG_PARAMS"]))
total = sum(sum(table.rows(item["path"])) for item in document["inputs"]["numbers"])
json.dump({"total": total * document["params"]["factor"], "argv": sys.argv[1:], "document": document}, open(sys.argv[1], "w"))
`;

/** Shell makes tables and a directory, Python adds the tables up. */
function tables(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: tables
params: {first: 10, factor: 2, flags: [--loud, two words]}
stages:
  make:
    command: "echo \${first}; mkdir {outputs.plots}; for i in 1 2 3; do echo $((\${first} + i * \${n})); done > {outputs.numbers}; cp {outputs.numbers} {outputs.plots}/copy.txt"
    each: {n: [1, 2]}
    outputs: {numbers: csv, plots: directory}
  sum:
    command: [python3, -B, sum.py, "{outputs.total}", "\${flags}", "--factor=\${factor}", "{inputs.numbers}"]
    code: [sum.py, lib]
    params: {factor: "\${factor}"}
    inputs: {numbers: "make.numbers[*]"}
    outputs: {total: json}
targets: {all: {files: {total.json: sum.total, plots: make/1.plots}}}
`,
    'sum.py': SUM,
    'lib/table.py': 'def rows(path):\n    return [float(line) for line in open(path)]\n',
  });
}

/** One stage with a script, whose node is `only`. */
function script(text: string, more = 'outputs: {made: json}', files: Readonly<Record<string, string>> = {}): Project {
  const pipeline = `version: 1\nname: one\nstages:\n  only:\n    command: ${JSON.stringify(text)}\n    ${more}\n`;
  return projectOf({ 'pipeline.yaml': pipeline, ...files });
}

async function failureOf(project: Project): Promise<string> {
  const { code, stderr, stdout } = await project.execute(['run']);
  expect(code).toBe(1);
  return stdout + stderr;
}

describe('command stages', () => {
  it.skipIf(process.platform !== 'linux')(
    'inherit their three standard streams, and nothing of the cache',
    async () => {
      const project = script('exec ls -l /proc/self/fd > {outputs.made}', 'outputs: {made: file}');
      expect(await project.run()).toMatchObject({ code: 0 });
      const { stdout } = await project.execute(['cache', 'get', 'only.made', '-']);
      const opened = [...stdout.matchAll(/(\d+) -> (.*)$/gm)].map(([, number, path = '']) => ({
        number: Number(number),
        path,
      }));
      expect(opened.map(({ number }) => number)).toEqual(expect.arrayContaining([0, 1, 2]));
      // `ls` opens the folder itself.
      expect(opened.filter(({ number, path }) => number > 2 && !path.startsWith('/proc/'))).toEqual([]);
    },
  );

  it('get their params, inputs and outputs by paths that are the same each time', async () => {
    const project = tables();
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 3 } });
    expect(JSON.parse(project.read('results/total.json'))).toEqual({
      total: 2 * (11 + 12 + 13 + 12 + 14 + 16),
      argv: ['outputs/total.json', '--loud', 'two words', '--factor=2', 'inputs/numbers/0.csv', 'inputs/numbers/1.csv'],
      document: {
        params: { factor: 2 },
        coordinates: {},
        inputs: {
          numbers: [
            { coordinates: { n: 1 }, path: 'inputs/numbers/0.csv' },
            { coordinates: { n: 2 }, path: 'inputs/numbers/1.csv' },
          ],
        },
        outputs: { total: 'outputs/total.json' },
      },
    });
    expect(project.read('results/plots/copy.txt')).toBe('11\n12\n13\n');
    const [lease = ''] = readdirSync(project.path('cache/work'));
    expect(readdirSync(project.path('cache/work', lease))).toEqual([]);
  });

  it('run again for exactly what has changed', async () => {
    const project = tables();
    await project.run();
    expect((await project.run()).started).toEqual([]);
    project.edit('lib/table.py', 'float(line)', 'float(line) + 1');
    expect((await project.run()).started).toEqual(['sum']);
    expect((await project.run(['--set', 'factor=3'])).started).toEqual(['sum']);
    expect((await project.run(['--set', 'first=11'])).started).toEqual(['make/1', 'make/2', 'sum']);
    // Set back: nothing, though the last run had other values.
    expect((await project.run()).started).toEqual([]);
    project.edit('pipeline.yaml', `echo \${first}; `, '');
    // The tables are as before.
    expect((await project.run()).started).toEqual(['make/1', 'make/2']);
  });

  it('are explained: the command, what is not tracked, and which function has changed', async () => {
    const project = tables();
    const before = await project.execute(['explain', 'make']);
    expect(before.stdout).toContain('reads and environment: known once it has finished');
    expect(before.stdout).not.toContain('not tracked');
    await project.run();
    const { stdout } = await project.execute(['explain', 'sum']);
    expect(stdout).toContain(
      `command: python3 -B sum.py {outputs.total} \${flags} --factor=\${factor} {inputs.numbers}`,
    );
    expect(stdout).toContain('reads tracked: its Python processes');
    project.edit('lib/table.py', 'float(line)', 'float(line) + 1');
    const changed = await project.execute(['explain', 'sum', '--diff']);
    expect(changed.stdout).toContain('code changed: lib/table.py › rows');
    expect(changed.stdout).toContain('+    return [float(line) + 1 for line in open(path)]');
  });

  it('find their code and inputs, read-only, and nothing else of the project', async () => {
    const project = script(
      'seen=$(ls -A | sort; ls -lR lib | cut -c1-10 | grep ^-); test ! -e other.txt; echo "$seen" > {outputs.made}',
      'outputs: {made: markdown}\n    code: [lib/a.sh]',
      { 'lib/a.sh': 'true\n', 'lib/b.sh': 'true\n', 'other.txt': 'secret' },
    );
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 1 } });
    await project.execute(['cache', 'get', 'only.made']);
    expect(project.read('only.made.md')).toBe('.vmfdag\nlib\noutputs\n-r--r--r--\n');
  });

  it('start in a fresh folder, whatever an earlier one has left there', async () => {
    // Each node finds what the first one has found, and then does something to its folder.
    const deeds = [
      'true',
      'touch x',
      'touch .vmfdag/x "$TMPDIR/x" code/x',
      'mkdir code/x',
      'chmod 700 .',
      'chmod 500 "$TMPDIR"',
      'rmdir "$TMPDIR"',
      'rmdir "$TMPDIR" && ln -s .. "$TMPDIR"',
      'mv inputs others',
      'chmod u+w code/data.txt && echo more >> code/data.txt',
      'chmod u+w code/data.txt && rm code/data.txt && ln -s ../inputs code/data.txt',
      // It has the folder as its working folder, and is found by nobody.
      'setsid sh -c "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; touch late; touch outputs/late; done" > /dev/null 2>&1 &',
      'sleep 0.5',
      ': after that',
    ];
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: fresh
stages:
  given: {command: "echo 1 > {outputs.made}", outputs: {made: bytes}}
  look:
    command: [sh, -e, look.sh, "\${deed}", "{outputs.found}"]
    each: {deed: ${JSON.stringify(deeds)}}
    code: [look.sh, code/data.txt]
    inputs: {given: given.made}
    outputs: {found: file}
`,
      'code/data.txt': 'data\n',
      'look.sh': `found=$(find . -printf '%m %y %p\\n' | LC_ALL=C sort; cat code/data.txt inputs/given.bin; ls -A "$TMPDIR")
printf '%s\n' "$found" > "$2"
eval "$1"
`,
    });
    expect(await project.run(['--jobs', '1'])).toMatchObject({ code: 0 });
    const looks = Object.entries(await project.digests()).filter(([node]) => node.startsWith('look/'));
    expect(looks).toHaveLength(deeds.length);
    expect(new Set(looks.map(([, outputs]) => String(outputs))).size).toBe(1);
    // The folder of the lease is empty.
    const left = readdirSync(project.path('cache/work'), { recursive: true }).filter((path) => path.includes('/'));
    expect(left).toEqual([]);
  });

  it('see the declared environment variables only', async () => {
    const project = script(
      "env | cut -d= -f1 | grep -v -e '^_$' -e '^PWD$' -e '^OLDPWD$' -e '^SHLVL$' | sort > {outputs.made}; echo $SECRET >&2",
      'outputs: {made: markdown}\n    variables: [GIVEN]\n    secrets: [SECRET]',
    );
    const env = { GIVEN: 'x', OTHER: 'y', SECRET: 'hush-hush', HOME: '/root' };
    expect(await project.run([], { env })).toMatchObject({ code: 0 });
    await project.execute(['cache', 'get', 'only.made'], { env });
    expect(project.read('only.made.md').trimEnd().split('\n')).toEqual([
      'GIVEN',
      'HOME',
      'LANG',
      'PATH',
      'PYTHONPATH',
      'SECRET',
      'TMPDIR',
      'TZ',
      'VMFDAG_AUDIT',
      'VMFDAG_AUDIT_IGNORE',
      'VMFDAG_AUDIT_ROOT',
      'VMFDAG_EVENTS',
      'VMFDAG_PARAMS',
    ]);
    const shown = await project.execute(['cache', 'show', 'only'], { env });
    expect(shown.stdout).toContain('***');
    expect(shown.stdout).not.toContain('hush-hush');
  });

  it('keep secrets out of keys, messages, records and every file of the cache', async () => {
    const project = script(
      'echo "token: $TOKEN" >&2; echo "{}" > {outputs.made}; exit $CODE',
      'outputs: {made: json}\n    secrets: [TOKEN]\n    variables: [CODE]',
    );
    const env = { TOKEN: 's3cr3t-value', CODE: '3' };
    const failed = await project.execute(['run'], { env });
    expect({ code: failed.code, text: failed.stdout + failed.stderr }).toMatchObject({
      code: 1,
      text: expect.stringContaining('token: ***'),
    });
    expect(await project.run([], { env: { ...env, CODE: '0' } })).toMatchObject({ code: 0, started: ['only'] });
    // Another secret is the same work.
    expect((await project.run([], { env: { TOKEN: 'another-one', CODE: '0' } })).started).toEqual([]);
    const told = [failed.stdout, failed.stderr];
    for (const args of [
      ['explain', 'only'],
      ['history', 'show', 'last~2', 'only'],
      ['cache', 'show', 'only'],
      ['report'],
    ]) {
      const { stdout, stderr } = await project.execute(args, { env });
      told.push(stdout, stderr);
    }
    expect(told.join('\n')).toContain('***');
    expect(told.join('\n')).not.toContain('s3cr3t');
    const files = readdirSync(project.directory, { recursive: true, withFileTypes: true, encoding: 'utf8' });
    const own = files.filter((file) => file.isFile() && !file.parentPath.includes('node_modules'));
    expect(own.length).toBeGreaterThan(2);
    for (const { parentPath, name } of own) {
      expect(readFileSync(join(parentPath, name)).includes('s3cr3t'), join(parentPath, name)).toBe(false);
    }
  });

  it.each([
    ['exit code', 'echo before >&2; exit 3', 'ended with exit code 3', 'before'],
    [
      'a file that is not declared',
      'cat pipeline.yaml',
      'ended with exit code 1',
      'pipeline.yaml is in the project, but',
    ],
    ['nothing to say', 'exit 4', 'ended with exit code 4', 'it printed nothing'],
    ['a signal', 'kill -TERM $$', 'SIGTERM', 'is in its log'],
    ['a missing output', 'true', 'its output "made" is missing: outputs/made.json', '{outputs.made}'],
    [
      'a longer name',
      'echo 1 > {outputs.made}.gz',
      'is missing: outputs/made.json, but there is outputs/made.json.gz',
      'paths: {outputs: {made: outputs/made.json.gz}}',
    ],
    ['another name', 'echo 1 > outputs/b', 'is missing: outputs/made.json, but there is outputs/b', '{outputs.made}'],
    ['another output', 'echo 1 > {outputs.made}; echo 1 > outputs/b', 'none of its outputs: outputs/b', 'TMPDIR'],
    ['other content', 'echo NaN > {outputs.made}', 'cannot be stored', 'write json'],
    ['a pipe', 'mkfifo {outputs.made}', 'it is a pipe', 'write a file'],
    ['a link', 'ln -s /etc/passwd {outputs.made}', 'it is a link', 'write a file'],
    ['no program', 'exec no-such-program-here', 'ended with exit code 127', 'is in its log'],
  ])('fail by %s, with place, fact and fix', async (_, text, fact, fix) => {
    const told = await failureOf(script(text));
    expect(told).toContain('only');
    expect(told).toContain(fact);
    expect(told).toContain(fix);
  });

  it('tell paths in their folder as they are in the project', async () => {
    const project = script(
      'echo "at $PWD/lib/a.sh, in $PWD" >&2; echo 1 > {outputs.made}; exit $CODE',
      'outputs: {made: json}\n    variables: [CODE]',
    );
    const failed = await project.execute(['run'], { env: { CODE: '3' } });
    expect(failed.stdout + failed.stderr).toMatch(/ at lib\/a\.sh, in \/.*\/cache\/work\//);
    await project.run([], { env: { CODE: '0' } });
    expect((await project.execute(['cache', 'show', 'only'], { env: { CODE: '0' } })).stdout).toContain(
      'at lib/a.sh, in /',
    );
  });

  it('refuse what a directory cannot hold, by its name', async () => {
    const told = await failureOf(script('mkdir {outputs.made}; mkfifo {outputs.made}/p', 'outputs: {made: directory}'));
    expect(told).toMatch(/output "made" \(directory\) of only cannot be stored: .*outputs\/made\/p.* pipe/);
  });

  it('fail where there is no such program', async () => {
    const project = projectOf({
      'pipeline.yaml': 'version: 1\nname: p\nstages:\n  a: {command: [no-such-program, x], outputs: {o: json}}\n',
    });
    const told = await failureOf(project);
    expect(told).toContain('there is no program no-such-program on PATH');
  });

  it('fail where the only program of the name is not executable', async () => {
    const stage = (program: string) =>
      `version: 1\nname: p\nstages:\n  a: {command: [${program}], code: [tool], outputs: {o: json}}\n`;
    const project = projectOf({ 'pipeline.yaml': stage('./tool'), tool: 'echo 1\n', 'bin/tool': 'echo 1\n' });
    expect(await failureOf(project)).toMatch(/\.\/tool is not executable\n.*chmod \+x/);
    project.write('pipeline.yaml', stage('tool'));
    const { stdout, stderr } = await project.execute(['run'], {
      env: { PATH: `${project.path('bin')}:/usr/bin:/bin` },
    });
    expect(stdout + stderr).toMatch(/no tool on PATH may be executed\n.*make it executable/);
  });

  it('start a program that another stage has made, as a file', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: programs
stages:
  build: {command: [cp, program.txt, "{outputs.program}"], code: [program.txt], outputs: {program: file}}
  script: {command: "{inputs.program} script > {outputs.made}", inputs: {program: build.program}, outputs: {made: json}}
  list: {command: ["{inputs.program}", list, "{outputs.made}"], inputs: {program: build.program}, outputs: {made: json}}
`,
      'program.txt': '#!/bin/sh\necho "\\"made $1\\"" | tee $2\n',
    });
    const { code, finished } = await project.run();
    expect({ code, finished: [...finished].sort() }).toEqual({ code: 0, finished: ['build', 'list', 'script'] });
    for (const name of ['script', 'list']) {
      expect((await project.execute(['cache', 'get', `${name}.made`, '-'])).stdout).toBe(`"made ${name}"\n`);
    }
    expect((await project.run()).finished).toEqual([]);
  });

  it('carry outputs along a chain', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: chain
stages:
  start: {command: "echo 1 > {outputs.count}", outputs: {count: json}}
  step:
    command: "echo $(($(cat {inputs.count}) * 2)) > {outputs.count}"
    scan: {at: {from: 1, to: 5}, carry: {count: start.count}}
    outputs: {count: json}
`,
    });
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 6 } });
    await project.execute(['cache', 'get', 'step/5.count']);
    expect(project.read('step-5.count.json')).toBe('32\n');
  });
});

/** Settles when exactly so many processes have this command line. */
function expectProcesses(commandLine: string, count: number): Promise<void> {
  return vi.waitFor(() => expect(processesOf(commandLine)).toHaveLength(count), { timeout: 20_000, interval: 50 });
}

describe('programs of commands', () => {
  it('end with all that they have started at the timeout', async () => {
    const project = script('sleep 4321 & sleep 4321', 'outputs: {made: json}\n    timeout: 2s');
    const failed = failureOf(project);
    await expectProcesses('sleep 4321', 2);
    expect(await failed).toContain('was stopped after its timeout of 2 s');
    expect(processesOf('sleep 4321')).toEqual([]);
  });

  it('are killed when they are left running', async () => {
    const project = script('sleep 4322 & echo 1 > {outputs.made}');
    expect(await project.run()).toMatchObject({ code: 0 });
    expect(processesOf('sleep 4322')).toEqual([]);
    expect((await project.execute(['cache', 'show', 'only'])).stdout).toContain('left programs running');
  });

  it('end when the run is killed by kill -9', async () => {
    const running = script('sleep 4323 & sleep 4323').start(['run']);
    await expectProcesses('sleep 4323', 2);
    running.signal('SIGKILL');
    await expectProcesses('sleep 4323', 0);
  });

  it('end when the worker is killed by kill -9, and the message names the node', async () => {
    const running = script('sleep 4324 & sleep 4324').start(['run']);
    await expectProcesses('sleep 4324', 2);
    for (const worker of workersOf(running.pid)) process.kill(worker, 'SIGKILL');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('the worker process of only was killed by SIGKILL');
    expect(processesOf('sleep 4324')).toEqual([]);
  });

  it('end when what started them is killed by kill -9, and the message names the node', async () => {
    // A process of the worker's, where there is one.
    const running = script('sleep 4326 & [ $(cat /proc/$PPID/comm) = node ] || kill -9 $PPID; sleep 4326').start([
      'run',
    ]);
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('the worker process of only was killed by SIGKILL');
    expect(processesOf('sleep 4326')).toEqual([]);
  });

  it('end when run and workers are killed at once', async () => {
    const running = script('sleep 4325 & sleep 4325').start(['run']);
    await expectProcesses('sleep 4325', 2);
    const workers = workersOf(running.pid);
    running.signal('SIGKILL');
    for (const worker of workers) process.kill(worker, 'SIGKILL');
    await expectProcesses('sleep 4325', 0);
  });
});
