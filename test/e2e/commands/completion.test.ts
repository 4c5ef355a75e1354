import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainsProject } from '../support/chains.ts';
import { temporaryFolder } from '../support/folders.ts';
import type { Project } from '../support/project.ts';
import { vmfdag } from '../support/repository.ts';

let project: Project;
/** Where `vmfdag` is found, as after an installation. */
let path: string;

beforeAll(async () => {
  project = chainsProject(2, 3, 0);
  project.edit(
    'pipeline.yaml',
    'stages:\n',
    'profiles:\n  quick: {description: for a look, params: {steps: 2}}\n  slow: {params: {steps: 9}}\nstages:\n',
  );
  expect((await project.run(['--profile', 'quick'])).code).toBe(0);
  const folder = temporaryFolder();
  symlinkSync(vmfdag, join(folder, 'vmfdag'));
  path = [folder, process.env.PATH].join(delimiter);
});

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['--version'], { stdio: 'ignore' }).status === 0;
}

interface Spoken {
  readonly stdout: string;
  readonly stderr: string;
}

function inShell(shell: string, args: readonly string[], cwd = project.directory): Spoken {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: path, HOME: project.directory, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
    timeout: 60_000,
  });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  return { stdout, stderr };
}

async function candidates(words: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await project.execute(['complete', '--', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

describe('vmfdag complete', () => {
  it.each<[string, readonly string[]]>([
    ['stat', ['list', 'status\tShow by stage what is up to date.']],
    ['run --profile ', ['list', 'quick\tfor a look', 'slow\tprofile']],
    ['run --profile=q', ['list', '--profile=quick\tfor a look']],
    ['run --target st', ['list', 'start\tstage', 'step\tstage']],
    ['run -t step/', ['list', 'step/1/\t3 nodes', 'step/2/\t3 nodes']],
    ['run -p quick -t step/1/', ['list', 'step/1/1\tnode', 'step/1/2\tnode']],
    ['run --set steps=2 -t step/1/', ['list', 'step/1/1\tnode', 'step/1/2\tnode']],
    ['run --force t', ['list', 'total\tstage']],
    ['explain step/2/', ['list', 'step/2/1\tnode', 'step/2/2\tnode', 'step/2/3\tnode']],
    ['explain s', ['list', 'start/\t2 nodes', 'step/\t6 nodes']],
    ['cache get step/2/1', ['list', 'step/2/1.state\tjson']],
    ['run --set mil', ['list', 'milliseconds=\tnow 0']],
    ['history show ', ['list', 'last\tdone, quick: default targets']],
    ['diff last l', ['list', 'last\tdone, quick: default targets']],
    ['graph --format s', ['list', 'svg']],
    ['completion ', ['list', 'bash', 'zsh', 'fish']],
    ['init ', ['folders']],
    ['run --file ', ['files']],
    ['comp', ['list', 'completion\tPrint a script that completes command lines in your shell.']],
  ])('%s', async (line, expected) => {
    expect(await candidates(line.split(' '))).toEqual(expected);
  });

  it('offers ids of runs to those who begin to write one', async () => {
    const [run] = await project.json<readonly { id: string }[]>(['history']);
    expect(await candidates(['diff', 'last', (run?.id ?? '').slice(0, 4)])).toEqual([
      'list',
      `${run?.id}\tdone, quick: default targets`,
    ]);
  });

  it.each([
    ['is wrong', 'version: 1\nname: [x\n'],
    ['declares what is not allowed', 'version: 1\nname: x\nstages: {a: {run: 1}}\n'],
  ])('with a pipeline file that %s, completes commands and options, and offers nothing else', async (_what, text) => {
    project.write('bad.yaml', text);
    expect(await candidates(['run', '--file', 'bad.yaml', '--dry'])).toEqual([
      'list',
      expect.stringMatching(/^--dry-run\t/),
    ]);
    for (const option of ['--profile', '--target', '--set', '--force']) {
      expect(await candidates(['run', '--file', 'bad.yaml', option, ''])).toEqual(['list']);
    }
    expect(await candidates(['explain', '--file', 'bad.yaml', ''])).toEqual(['list']);
    expect(await candidates(['explain', '--file', 'missing.yaml', ''])).toEqual(['list']);
  });

  it('makes no cache, and opens none for what does not need it', async () => {
    const empty = chainsProject(1, 1, 0);
    for (const line of ['history show ', 'explain ', 'run --target ', 'run --profile ']) {
      expect(await empty.execute(['complete', '--', ...line.split(' ')])).toMatchObject({ code: 0, stderr: '' });
    }
    expect(execFileSync('ls', ['-A', empty.directory], { encoding: 'utf8' })).not.toContain('cache');
    // A cache that cannot be opened is not noticed, but where it is asked for names.
    empty.write('cache/data.mdb', 'this is no database');
    expect(await empty.execute(['complete', '--', 'explain', 'st'])).toMatchObject({
      stdout: expect.stringContaining('step/'),
    });
    expect(await empty.execute(['complete', '--', 'history', 'show', ''])).toMatchObject({
      code: 0,
      stdout: 'list\n',
      stderr: '',
    });
  });
});

/** What bash offers when the tab key is pressed. `pieces` are the words as bash cuts them. */
function bashReplies(line: string, pieces: readonly string[], program = 'vmfdag'): readonly string[] {
  const script = `
    source <(vmfdag completion bash) && source <(vmfdag completion bash) || exit 1
    COMP_LINE=$1 COMP_POINT=\${#1}; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _vmfdag_complete
    printf '%s|\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = inShell('bash', [
    '--norc',
    '-c',
    script,
    'bash',
    `${program} ${line}`,
    program,
    ...pieces,
  ]);
  expect(stderr).toBe('');
  return stdout
    .trimEnd()
    .split('\n')
    .filter((text) => text !== '|')
    .map((text) => text.slice(0, -1));
}

describe.skipIf(!isInstalled('bash'))(`bash${isInstalled('bash') ? '' : ' (skipped: it is not installed)'}`, () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['stat', ['stat'], ['status ']],
    ['run --dry', ['run', '--dry'], ['--dry-run ']],
    ['run --profile ', ['run', '--profile', ''], ['quick ', 'slow ']],
    ['run --profile=', ['run', '--profile', '='], ['quick ', 'slow ']],
    ['run --profile=q', ['run', '--profile', '=', 'q'], ['quick ']],
    ['run --set steps=2 -t step/1/', ['run', '--set', 'steps', '=', '2', '-t', 'step/1/'], ['step/1/1 ', 'step/1/2 ']],
    ['explain step/2', ['explain', 'step/2'], ['step/2/']],
    ['explain "step/2', ['explain', '"step/2'], ['step/2/']],
    ['run --set mil', ['run', '--set', 'mil'], ['milliseconds=']],
    ['run --target $(touch x)', ['run', '--target', '$(touch x)'], []],
    ['bogus ', ['bogus', ''], []],
  ])('vmfdag %s', (line, pieces, expected) => {
    expect(bashReplies(line, pieces)).toEqual(expected);
  });

  it('leaves no trace of the command line, and knows an alias of the program', () => {
    expect(execFileSync('ls', [project.directory], { encoding: 'utf8' }).split('\n')).not.toContain('x');
    expect(bashReplies('stat', ['stat'], 'my-alias')).toEqual(['status ']);
    expect(bashReplies('stat', ['stat'], vmfdag)).toEqual(['status ']);
  });

  it('writes nothing on the screen when vmfdag cannot be called', () => {
    const script = `source <(vmfdag completion bash); PATH=/usr/bin:/bin
      COMP_LINE='vmfdag r' COMP_WORDS=(vmfdag r) COMP_CWORD=1; _vmfdag_complete; echo "\${#COMPREPLY[@]}"`;
    expect(inShell('bash', ['--norc', '-c', script])).toEqual({ stdout: '0\n', stderr: '' });
  });
});

describe.skipIf(!isInstalled('fish'))(`fish${isInstalled('fish') ? '' : ' (skipped: it is not installed)'}`, () => {
  it.each<[string, readonly string[]]>([
    ['stat', ['status\tShow by stage what is up to date.']],
    ['run --profile ', ['quick\tfor a look', 'slow\tprofile']],
    ['run --profile=q', ['--profile=quick\tfor a look']],
    ['explain step/2/', ['step/2/1\tnode', 'step/2/2\tnode', 'step/2/3\tnode']],
    ['bogus ', []],
  ])('vmfdag %s', (line, expected) => {
    const script = `vmfdag completion fish | source; complete -C ${JSON.stringify(`vmfdag ${line}`)}`;
    const { stdout, stderr } = inShell('fish', ['--no-config', '-c', script]);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n').filter(Boolean)).toEqual(expected);
  });

  it('offers files where a file is meant', () => {
    const script = 'vmfdag completion fish | source; complete -C "vmfdag run --file pipel"';
    expect(inShell('fish', ['--no-config', '-c', script]).stdout).toMatch(/^pipeline\.yaml\b/);
  });
});

/** What the line has become after a tab, on a terminal of zsh's own. */
function zshLine(typed: string): string {
  const script = String.raw`
    zmodload zsh/zpty || exit 1
    zpty z "PS1='READY> ' zsh -f -i"
    text=
    # The text of a command is echoed: what is waited for must not be a part of it.
    wait_for() {
      integer tries=600
      while [[ $text != *$1* ]] && (( tries-- )); do zpty -rt z chunk && text+=$chunk || sleep 0.05; done
    }
    wait_for READY
    zpty -w z 'autoload -Uz compinit; compinit -u -D; source <(vmfdag completion zsh)'
    zpty -w z 'show() { print -r -- "LINE=<$BUFFER>" }; zle -N show; bindkey "^Xl" show; print SOURCED-${'$'}{#:-x}'
    wait_for SOURCED-1
    zpty -w -n z "$1"$'\t\x18l'
    wait_for 'LINE=<vmfdag'
    print -r -- "$text"
    zpty -d z`;
  const { stdout } = inShell('zsh', ['-f', '-c', script, 'zsh', typed]);
  return /LINE=<(vmfdag[^>]*)>/.exec(stdout)?.[1] ?? stdout;
}

describe.skipIf(!isInstalled('zsh'))(`zsh${isInstalled('zsh') ? '' : ' (skipped: it is not installed)'}`, () => {
  it.each([
    ['vmfdag stat', 'vmfdag status '],
    ['vmfdag run --profile=q', 'vmfdag run --profile=quick '],
    ['vmfdag explain sta', 'vmfdag explain start/'],
    ['vmfdag explain tot', 'vmfdag explain total '],
    ['vmfdag run --set mil', 'vmfdag run --set milliseconds='],
    ['vmfdag run --file pipeline.y', 'vmfdag run --file pipeline.yaml '],
    ['vmfdag bogus x', 'vmfdag bogus x'],
  ])('%s', (typed, line) => {
    expect(zshLine(typed)).toBe(line);
  });
});
