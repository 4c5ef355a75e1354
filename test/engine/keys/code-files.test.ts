import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/engine/base/failure.ts';
import { codePaths, codePlace, readCodeFiles } from '../../../src/engine/keys/code-files.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';

/** The text that the place of a failure underlines. */
function underlined(root: string, code: string): string {
  const text = `version: 1\nname: p\nstages:\n  a:\n    command: [echo]\n    code: ${code}\n    outputs: {x: json}\n`;
  const [node] = buildPlan(loadPipeline({ file: 'pipeline.yaml', text })).nodes;
  const { program, places } = node?.stage ?? {};
  if (program?.kind !== 'command' || !places) throw new Error('this is no command');
  const place = codePlace({ root, excluded: [] }, places);
  try {
    readCodeFiles(codePaths(program.code, place), place);
  } catch (error) {
    const range = (error as Failure).diagnostics[0]?.range;
    if (!range) throw error;
    const { column, length, lineText } = range;
    return lineText.slice(column - 1, column - 1 + length);
  }
  throw new Error('nothing was refused');
}

describe('what is wrong with an entry of code', () => {
  const root = mkdtempSync(join(tmpdir(), 'code-files-'));
  mkdirSync(join(root, 'lib'));
  mkdirSync(join(root, 'linked'));
  mkdirSync(join(root, 'empty'));
  writeFileSync(join(root, 'a.py'), '1');
  writeFileSync(join(root, 'lib/large.bin'), new Uint8Array(33 * 2 ** 20));
  symlinkSync('nowhere', join(root, 'linked/link'));
  afterAll(() => rmSync(root, { recursive: true }));

  it.each([
    ['[a.py, gone.py]', 'gone.py'],
    ['\n      - a.py\n      - "*.r"', '"*.r"'],
    ['[linked, a.py]', 'linked'],
    ['[a.py, empty]', 'empty'],
    // All of them are too much.
    ['[a.py, lib]', '[a.py, lib]'],
  ])('is shown at that entry: %s', (code, entry) => {
    expect(underlined(root, code)).toBe(entry);
  });

  it.skipIf(process.getuid?.() === 0)('also where a file cannot be read', () => {
    writeFileSync(join(root, 'lib/secret.py'), '1');
    chmodSync(join(root, 'lib/secret.py'), 0);
    expect(underlined(root, '[a.py, lib/secret.py]')).toBe('lib/secret.py');
  });
});
