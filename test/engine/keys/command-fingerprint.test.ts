import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/engine/base/diagnostic.ts';
import type { CodeFingerprint } from '../../../src/engine/base/digest.ts';
import { isFailure } from '../../../src/engine/base/failure.ts';
import { soundCode } from '../../../src/engine/keys/bundle-cache.ts';
import { type CommandPlace, commandFingerprint } from '../../../src/engine/keys/command-fingerprint.ts';
import { CodeStates } from '../../../src/engine/keys/stage-fingerprint.ts';
import type { CommandProgram } from '../../../src/engine/pipeline/stages/command.ts';
import { MemoryBundleCache, stageModule, temporaryProject, writeFiles } from './project.ts';

const program: CommandProgram = {
  kind: 'command',
  form: 'words',
  words: [[{ kind: 'text', text: 'python3' }], [{ kind: 'text', text: 'a.py' }], [{ kind: 'output', name: 'made' }]],
  code: ['a.py', 'lib', 'data/**/*.txt'],
  inputs: { data: 'csv' },
};
const FILES = {
  'a.py': 'print(1)\n',
  'lib/b.py': 'x = 1\n',
  'lib/__pycache__/b.pyc': 'compiled',
  'data/deep/er/c.txt': 'c',
  'data/d.csv': 'd',
};

function placeOf(root: string, paths: readonly string[] = []): CommandPlace {
  const excluded = [join(root, 'cache')];
  return { root, excluded, range: stageModule.range, entries: [], paths, executedIn: join(root, 'cache') };
}

async function fingerprint(root: string, changes: Partial<CommandProgram> = {}): Promise<string> {
  return commandFingerprint({ ...program, ...changes }, placeOf(root), new CodeStates(root, new MemoryBundleCache()));
}

async function refusal(work: Promise<unknown>): Promise<Diagnostic | undefined> {
  const error = await work.catch((reason: unknown) => reason);
  if (!isFailure(error)) throw error;
  expect(error.kind).toBe('usage');
  return error.diagnostics[0];
}

const factOf = async (work: Promise<unknown>) => (await refusal(work))?.fact ?? '';
const fixOf = async (work: Promise<unknown>) => (await refusal(work))?.fix ?? '';

describe('the fingerprint of a command', () => {
  it('is pinned', async () => {
    expect(await fingerprint(temporaryProject(FILES))).toMatchInlineSnapshot(
      `"b9332d866530ee9df40deb92240ba1a93f8af6eabde652e6f0dd0177a0f0a657"`,
    );
  });

  it('has the installed packages that its JavaScript imports, and their own', async () => {
    const root = temporaryProject({
      'a.mjs': "import { one } from 'one';\nimport { none } from 'none';\nconsole.log(one, none);\n",
      'notes.txt': "import 'three'\n",
      ...Object.fromEntries(
        ['one', 'two', 'three'].flatMap((name) => [
          [`node_modules/${name}/package.json`, `{"name": "${name}", "main": "index.js"}`],
          [`node_modules/${name}/index.js`, name === 'one' ? "import 'two';\n" : '1\n'],
        ]),
      ),
    });
    const cache = new MemoryBundleCache();
    const now = async () => {
      const found = await commandFingerprint(
        { ...program, code: ['a.mjs', 'notes.txt'] },
        placeOf(root),
        new CodeStates(root, cache),
      );
      expect(soundCode(found, cache.code(found))).toEqual(cache.code(found));
      return found;
    };
    const first = await now();
    expect(await now()).toBe(first);
    writeFiles(root, { 'node_modules/three/index.js': '2\n' });
    expect(await now()).toBe(first);
    writeFiles(root, { 'node_modules/two/index.js': '2\n' });
    const second = await now();
    expect(second).not.toBe(first);
    writeFiles(root, { 'node_modules/none/package.json': '{"name": "none"}' });
    expect(await now()).not.toBe(second);
  });

  it('has the installed packages that its arguments and shell scripts name', async () => {
    const root = temporaryProject({
      'run.sh': 'exec npx --no started\n',
      ...Object.fromEntries(
        ['inline', 'first', 'package', 'other'].map((name) => [`node_modules/${name}/index.js`, '1\n']),
      ),
    });
    mkdirSync(join(root, 'node_modules/.bin'));
    symlinkSync('../package/index.js', join(root, 'node_modules/.bin/started'));
    const words = ['node', '--import', 'first', '-e', "require('inline')", 'cp -r other'];
    const cache = new MemoryBundleCache();
    const packagesOf = async (given: readonly string[], code: readonly string[]) => {
      const asked = { ...program, words: given.map((text) => [{ kind: 'text', text }] as const), code };
      const kept = cache.code(await commandFingerprint(asked, placeOf(root), new CodeStates(root, cache)));
      return Object.keys(kept?.packages?.imported ?? {});
    };
    expect(await packagesOf(words.slice(0, -1), ['run.sh'])).toEqual(['first', 'inline', 'package']);
    expect(await packagesOf(words.slice(-1), [])).toEqual([]);
  });

  it('has what package.json says to Node of its JavaScript, and nothing else of it', async () => {
    const manifest = (fields: string) => `{"name": "own", "version": "1.0.0"${fields}}`;
    const root = temporaryProject({ 'package.json': manifest(''), 'deep/a.mjs': "import '#one';\n", 'deep/b.txt': '' });
    const cache = new MemoryBundleCache();
    const now = async (code: readonly string[]) => {
      const found = await commandFingerprint({ ...program, code }, placeOf(root), new CodeStates(root, cache));
      const kept = cache.code(found);
      return { found, files: kept?.kind === 'command' ? kept.files : [], kept };
    };
    const contents = async (code: readonly string[]) =>
      Object.fromEntries((await now(code)).files.map(({ path, content }) => [path, content]));
    expect(await contents(['deep'])).toMatchObject({ 'package.json': '{}\n' });
    expect(Object.keys(await contents(['deep/b.txt']))).toEqual(['deep/b.txt']);
    const first = (await now(['deep'])).found;
    writeFiles(root, { 'package.json': manifest(', "scripts": {"test": "x"}').replace('1.0.0', '2.0.0') });
    expect((await now(['deep'])).found).toBe(first);
    writeFiles(root, { 'package.json': manifest(', "type": "module", "imports": {"#one": "one/x.js"}') });
    const second = await now(['deep']);
    expect(second.found).not.toBe(first);
    expect(second.kept?.packages?.imported).toHaveProperty('one');
    expect(await contents(['deep'])).toMatchObject({
      'package.json': '{"type":"module","imports":{"#one":"one/x.js"}}\n',
    });
    writeFiles(root, { 'deep/package.json': '{"type": "commonjs"}' });
    expect(await contents(['deep/a.mjs'])).toMatchObject({ 'deep/package.json': '{"type":"commonjs"}\n' });
    // A declared one is there as it is.
    expect(await contents(['deep'])).toMatchObject({ 'deep/package.json': '{"type": "commonjs"}' });
  });

  it('changes with arguments, form, types of inputs, and paths, bytes and executable bits of the code', async () => {
    const root = temporaryProject(FILES);
    const found = [
      await fingerprint(root),
      await fingerprint(root, { words: program.words.slice(0, 2) }),
      await fingerprint(root, { form: 'script' }),
      await fingerprint(root, { inputs: { data: 'json' } }),
      await fingerprint(root, { code: ['a.py', 'lib'] }),
      await fingerprint(root, { paths: { inputs: {}, outputs: {}, params: [] } }),
      await fingerprint(root, { paths: { inputs: {}, outputs: {}, params: [{ path: 'p.json' }] } }),
      await fingerprint(root, { paths: { inputs: { data: 'd.csv' }, outputs: {}, params: [] } }),
      await fingerprint(root, { paths: { inputs: {}, outputs: { data: 'd.csv' }, params: [] } }),
    ];
    chmodSync(join(root, 'a.py'), 0o755);
    found.push(await fingerprint(root));
    writeFiles(root, { 'lib/b.py': 'x = 2\n' });
    found.push(await fingerprint(root));
    writeFiles(root, { 'data/new.txt': '' });
    found.push(await fingerprint(root));
    expect(new Set(found).size).toBe(found.length);
  });

  it('does not change with other files, what interpreters leave, and another way to name the same files', async () => {
    const root = temporaryProject(FILES);
    const before = await fingerprint(root);
    writeFiles(root, { 'data/d.csv': 'e', 'lib/__pycache__/b.pyc': 'again', 'cache/x.txt': '', 'other.py': '' });
    expect(await fingerprint(root)).toBe(before);
    expect(await fingerprint(root, { code: ['lib/b.py', 'data/deep', 'a.py', '[a].py'] })).toBe(before);
  });

  it('keeps what it hashed, bytes that are no text too', async () => {
    const root = temporaryProject({ 'a.py': 'é\n' });
    const cache = new MemoryBundleCache();
    const code = cache.code(
      await commandFingerprint({ ...program, code: ['a.py'] }, placeOf(root), new CodeStates(root, cache)),
    );
    expect(code).toMatchObject({ kind: 'command', files: [{ path: 'a.py', encoding: 'utf8', content: 'é\n' }] });
  });

  it('refuses by name what is not there, and what is no file', async () => {
    const root = temporaryProject(FILES);
    expect(await factOf(fingerprint(root, { code: ['c.py'] }))).toBe('"code" names c.py, and there is no such file');
    expect(await fixOf(fingerprint(root, { code: ['aa.py'] }))).toBe('did you mean a.py?');
    expect(await fixOf(fingerprint(root, { code: ['data/depe'] }))).toBe('did you mean data/deep?');
    expect(await fixOf(fingerprint(root, { code: ['lib/nowhere.py'] }))).toBe('correct the path, or remove the entry');
    expect(await fixOf(fingerprint(root, { code: ['nowhere/at/all.py'] }))).toBe(
      'correct the path, or remove the entry',
    );
    expect(await factOf(fingerprint(root, { code: ['*.r'] }))).toContain('*.r');
    mkdirSync(join(root, 'links'));
    symlinkSync('..', join(root, 'links/up'));
    expect(await factOf(fingerprint(root, { code: ['links'] }))).toBe('links/up is a link that leads to no file');
  });

  it('has the modules that Python files import, and asks for them once as long as nothing changes', async () => {
    const root = temporaryProject({
      'a.py': 'import shared\n',
      'b.py': 'import shared, deep\n',
      'shared.py': 'x = 1\n',
      'paths/deep.py': '',
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    const cache = new MemoryBundleCache();
    const of = (code: readonly string[], states = new CodeStates(root, cache), paths: readonly string[] = []) =>
      commandFingerprint({ ...program, code }, placeOf(root, paths), states);
    const pathsOf = async (fingerprint: Promise<CodeFingerprint>) => {
      const code = cache.code(await fingerprint);
      return code?.kind === 'command' ? code.files.map(({ path }) => path) : [];
    };
    expect(await pathsOf(of(['a.py']))).toEqual(['a.py', 'shared.py']);
    expect(await pathsOf(of(['b.py'], new CodeStates(root, cache), ['paths']))).toEqual([
      'b.py',
      'paths/deep.py',
      'shared.py',
    ]);
    const puts = cache.pythonPuts;
    expect(puts).toBe(2);
    const before = await of(['a.py']);
    expect(cache.pythonPuts).toBe(puts);
    writeFiles(root, { 'shared.py': '# A comment.\nx = (1)\n' });
    expect(await of(['a.py'])).toBe(before);
    writeFiles(root, { 'shared.py': 'x = 2\n' });
    expect(await of(['a.py'])).not.toBe(before);
  });

  it('tells of each of several commands that are read at once', async () => {
    const root = temporaryProject({ 'a.py': 'import shared\n', 'b.py': 'x = 1\n', 'shared.py': '' });
    const states = new CodeStates(root, new MemoryBundleCache());
    const of = (code: readonly string[]) => commandFingerprint({ ...program, code }, placeOf(root), states);
    const together = await Promise.all([of(['a.py']), of(['b.py']), of(['a.py', 'b.py'])]);
    const apart = [await of(['a.py']), await of(['b.py']), await of(['a.py', 'b.py'])];
    expect(together).toEqual(apart);
    expect(new Set(together).size).toBe(3);
  });
});
