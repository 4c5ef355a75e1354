import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmfdag-includes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function lint(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const script = join(process.cwd(), 'scripts/lint-includes.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, folder], { cwd: folder, encoding: 'utf8' });
  return { status, lines: stderr.trim().split('\n') };
}

describe('the lint of includes', () => {
  it('names the files of a cycle, in the order in which they include each other', () => {
    const { status, lines } = lint({
      'a.cpp': '#include "a.h"\n',
      'a.h': '#include <vector>\n#include "inner/b.h"\n',
      'inner/b.h': '#ifdef NEVER\n#  include "../c.h"\n#endif\n',
      'c.h': '#include "a.h"\n',
    });
    expect(status).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^a\.h → inner\/b\.h → c\.h → a\.h: these files include each other; /),
    ]);
  });

  it('finds a file that includes itself', () => {
    expect(lint({ 'a.h': '#include "a.h"\n' }).lines[0]).toMatch(/^a\.h → a\.h: /);
  });

  it('accepts a header that several files include, and one that is not there', () => {
    expect(
      lint({ 'a.h': '#include "c.h"\n', 'b.h': '#include "c.h"\n#include "a.h"\n', 'c.h': '#include "dnnl.hpp"\n' }),
    ).toEqual({ status: 0, lines: [''] });
  });

  it('refuses a folder without C++ files, in which it would find nothing', () => {
    expect(lint({ 'a.ts': '' })).toEqual({ status: 1, lines: [expect.stringContaining('there is no C++ file')] });
  });
});
