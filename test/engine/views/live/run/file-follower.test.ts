import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileFollower } from '../../../../../src/engine/views/live/run/file-follower.ts';

function following() {
  const file = join(mkdtempSync(join(tmpdir(), 'follow-')), 'lines');
  const follower = new FileFollower(file);
  return { file, read: () => follower.read()?.map(({ text, end }) => [text, end]) };
}

describe('a follower of a file', () => {
  it('reads whole lines as they come, with the position after each', () => {
    const { file, read } = following();
    expect(read()).toBeUndefined();
    writeFileSync(file, 'one\ntw');
    expect(read()).toEqual([['one', 4]]);
    expect(read()).toEqual([]);
    appendFileSync(file, 'o é\n\nfour\n');
    expect(read()).toEqual([
      ['two é', 11],
      ['', 12],
      ['four', 17],
    ]);
    rmSync(file);
    expect(read()).toBeUndefined();
  });

  it('reads a file again that has become shorter', () => {
    const { file, read } = following();
    writeFileSync(file, 'one\ntwo\nthree');
    read();
    writeFileSync(file, 'new\n');
    expect(read()).toEqual([['new', 4]]);
  });

  it('reads many megabytes, with lines across its pieces', () => {
    const { file, read } = following();
    const lines = Array.from({ length: 3000 }, (_, index) => String(index).repeat(300));
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect(read()?.map(([text]) => text)).toEqual(lines);
  });
});
