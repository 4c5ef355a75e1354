import { describe, expect, it } from 'vitest';
import { LogTail } from '../../../../src/engine/run/live/log-tail.ts';

/** The file that a reader finds, and the bytes that were written to it. */
function fileOf(tail: LogTail, file = '') {
  const piece = tail.take();
  if (!piece) return file;
  return piece.isAppended ? file + piece.bytes : String(piece.bytes);
}

describe('the tail of a log', () => {
  it('is appended to its file, after a line that says what was left out', () => {
    const tail = new LogTail();
    tail.add('one\n', 0);
    let file = fileOf(tail);
    expect(file).toBe('0\none\n');
    tail.add('two\n', 0);
    tail.add('three\n', 0);
    file = fileOf(tail, file);
    expect(file).toBe('0\none\ntwo\nthree\n');
    expect(tail.take()).toBeUndefined();
  });

  it('begins again where bytes were left out', () => {
    const tail = new LogTail();
    tail.add('one\n', 0);
    fileOf(tail);
    tail.add('late\n', 1000);
    expect(fileOf(tail)).toBe('1004\nlate\n');
  });

  it('keeps the file small, and counts every byte, however much is printed', () => {
    const tail = new LogTail();
    let file = '';
    let printed = 0;
    for (let line = 0; line < 3000; line++) {
      const text = `${line} ${'e'.repeat(line % 700)}\n`;
      tail.add(text, 0);
      printed += Buffer.byteLength(text);
      if (line % 7 === 0) file = fileOf(tail, file);
      expect(Buffer.byteLength(file)).toBeLessThan(300 * 1024);
    }
    file = fileOf(tail, file);
    const [omitted = '', ...rest] = file.split('\n');
    expect(Number(omitted) + Buffer.byteLength(rest.join('\n'))).toBe(printed);
    expect(rest.at(-2)).toBe(`2999 ${'e'.repeat(2999 % 700)}`);
  });
});
