import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isFailure } from '../../../src/engine/base/failure.ts';
import { Environments } from '../../../src/engine/environments/environments.ts';
import { temporaryFolder } from '../store/fixtures.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

type Pair = readonly [pinned: string, installed: string];

const hasPython = canRun('import importlib.metadata');
const hasPackaging = canRun('from pip._vendor.packaging.specifiers import SpecifierSet');

function canRun(program: string): boolean {
  try {
    execFileSync('python3', ['-c', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What is said of packages `p0`, `p1`, … that are installed in some versions and pinned in others. */
function saidOf(pairs: readonly Pair[]): string | undefined {
  const [root, site] = [temporaryFolder(), temporaryFolder()];
  for (const [index, [, version]] of pairs.entries()) {
    mkdirSync(join(site, `p${index}-${version}.dist-info`));
    const text = `Metadata-Version: 2.1\nName: p${index}\nVersion: ${version}\n`;
    writeFileSync(join(site, `p${index}-${version}.dist-info`, 'METADATA'), text);
  }
  writeFileSync(join(root, 'r.txt'), pairs.map(([pinned], index) => `p${index}==${pinned}\n`).join(''));
  vi.stubEnv('PYTHONPATH', site);
  const environment = { tool: 'pip', lock: 'r.txt', interpreter: 'python3' } as const;
  const range = { file: 'pipeline.yaml', line: 1, column: 1, length: 1, lineText: '' };
  try {
    new Environments(root, temporaryFolder(), true).identity({ environment, range });
    return undefined;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return error.diagnostics[0]?.fact;
  }
}

/** The numbers of all that `saidOf` counts as different: it names three. */
function countIn(fact: string | undefined): number {
  if (fact === undefined) return 0;
  const more = Number(/ and (\d+) more$/.exec(fact)?.[1] ?? 0);
  return more + (fact.match(/\bp\d+ /g) ?? []).length;
}

describe.skipIf(!hasPython)('the version of an installed package', () => {
  it('may be written in another way than in the lock file', () => {
    const pairs: readonly Pair[] = [
      ['2.1', '2.1.0'],
      ['2.1.0.0', '2.1'],
      ['2023.03', '2023.3'],
      ['v1.0', '1'],
      ['1.0RC1', '1rc1'],
      ['1.0-alpha.2', '1.0a2'],
      ['1.0-1', '1.0.post1'],
      ['0!1.0', '1.0'],
      ['2.1', '2.1+cpu'],
      ['2.1+CPU', '2.1.0+cpu'],
      ['1.0+ubuntu-1', '1.0+ubuntu.1'],
      ['not_a_version', 'not_a_version'],
    ];
    expect(saidOf(pairs)).toBeUndefined();
  });

  it('is different where pip takes it for different', () => {
    const pairs: readonly Pair[] = [
      ['2.1+cpu', '2.1+cu118'],
      ['2.1', '2.10'],
      ['2.1+cpu', '2.1'],
      ['1.0', '1.0rc1'],
      ['1.0', '1.0.post0'],
      ['1.0', '1.0.dev0'],
      ['1.0', '1!1.0'],
      ['1.0a1', '1.0b1'],
    ];
    const fact = saidOf(pairs);
    expect(fact).toContain('p0 2.1+cu118 for 2.1+cpu, p1 2.10 for 2.1');
    expect(countIn(fact)).toBe(pairs.length);
  });

  it.skipIf(!hasPackaging)('is compared as pip compares it', () => {
    const part = fc.constantFrom('0', '1', '01', '10');
    const suffix = fc.constantFrom(
      '',
      '',
      'a1',
      '.rc1',
      '-c1',
      '_beta',
      '.post1',
      '-1',
      '.r0',
      'dev',
      '.dev1',
      'rc1.dev0',
      '+a',
      '+a.1',
      '+01',
    );
    const version = fc
      .tuple(fc.constantFrom('', '', 'v', '1!'), fc.array(part, { minLength: 1, maxLength: 3 }), suffix)
      .map(([before, parts, after]) => `${before}${parts.join('.')}${after}`);
    const pairs = fc.sample(fc.tuple(version, version), 400);
    const program = `
import json, sys
from pip._vendor.packaging.specifiers import SpecifierSet
print(json.dumps([not SpecifierSet("==" + pinned).contains(found, prereleases=True) for pinned, found in json.load(sys.stdin)]))`;
    const expected: readonly boolean[] = JSON.parse(
      execFileSync('python3', ['-c', program], { input: JSON.stringify(pairs), encoding: 'utf8' }),
    );
    const fact = saidOf(pairs);
    expect(countIn(fact)).toBe(expected.filter(Boolean).length);
    const [first, second, third] = expected.flatMap((isDifferent, index) => (isDifferent ? [index] : []));
    const named = [...(fact ?? '').matchAll(/\bp(\d+) /g)].map(([, index]) => Number(index));
    expect(named).toEqual([first, second, third]);
  });
});
