import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmfdag-words-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the linter finds in a file: `line:column phrase`. */
function found(name: string, ...lines: readonly string[]): readonly string[] {
  const file = join(folder, name);
  writeFileSync(file, lines.join('\n'));
  const { status, stderr } = spawnSync(process.execPath, ['scripts/lint-words.mjs', file], { encoding: 'utf8' });
  const findings = stderr.split('\n').filter((line) => line.startsWith(`${file}:`));
  expect(status).toBe(findings.length > 0 ? 1 : 0);
  return findings.map(
    (line) =>
      line
        .slice(file.length + 1)
        .replace(/"(.*)".*/, '$1')
        .replace('  ', ' ')
        .split('":')[0] ?? '',
  );
}

describe('the lint of words', () => {
  it('names file, line, column, the phrase and what to write', () => {
    const file = join(folder, 'a.ts');
    writeFileSync(file, 'const a = 1;\n  // Mend it.\n');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/lint-words.mjs', file], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(`${file}:2:6  "Mend": write "fix"`);
  });

  it('reads comments and texts of code, templates included', () => {
    expect(
      found('a.ts', '/** It is made again. */', "const a = 'bytes set aside';", `const b = \`it lies beside \${a}\`;`),
    ).toEqual(['1:11 made again', '2:18 set aside', '3:20 beside']);
  });

  it('finds a phrase across lines of a comment', () => {
    expect(found('a.ts', '/**', ' * The gradient', ' * by x is', ' */')).toEqual(['2:8 gradient by x']);
    expect(found('a.cpp', 'int a; // it was set', '       // aside')).toEqual(['1:18 set aside']);
  });

  it('leaves names, keys, paths and code alone', () => {
    expect(
      found(
        'a.ts',
        "import { mend } from './mend.ts';",
        'const beside = { mend, kind: "beside" };',
        'export const r = /mend it/;',
      ),
    ).toEqual([]);
    expect(found('a.cpp', '#include "mend.h"', 'int beside = mend();')).toEqual([]);
  });

  it('leaves code in documents alone', () => {
    expect(found('a.md', 'It is `set aside` here.', '```', 'mend it', '```', 'Mend it.')).toEqual(['5:1 Mend']);
  });

  it('reads descriptions of schemas and comments of YAML', () => {
    expect(found('a.json', '{"description": "nodes made again"}')).toEqual(['1:24 made again']);
    expect(found('a.yaml', 'a: 1 # lets bytes go')).toEqual(['1:8 lets bytes go']);
  });

  it('tells a method from a variable: a gradient may be computed by factors', () => {
    expect(found('a.md', 'The gradient by central differences, the gradient by the inputs.')).toEqual([
      '1:42 gradient by the inputs',
    ]);
  });
});
