import { describe, expect, it } from 'vitest';
import { parseLines } from '../../../../../src/engine/workers/worker/command/process-reports.ts';
import { parseCall } from '../../../../../src/engine/workers/worker/command/system-calls.ts';

describe('a call that strace has written', () => {
  it.each([
    ['openat(AT_FDCWD</w>, "/p/a.txt", O_RDONLY) = 3</p/a.txt>', 'read /p/a.txt'],
    ['openat(AT_FDCWD</p/sub>, "../a.txt", O_RDONLY|O_CLOEXEC) = 3</p/a.txt>', 'read /p/a.txt'],
    ['open("/link", O_RDONLY) = 3</p/a.txt>', 'read /p/a.txt'],
    ['openat(5</p>, "data", O_RDONLY|O_NONBLOCK|O_DIRECTORY) = 6</p/data>', 'list /p/data'],
    ['openat(AT_FDCWD</p>, "a", O_RDWR) = 3</p/a>', 'read /p/a'],
    ['openat(AT_FDCWD</p>, "a", O_RDWR|O_CREAT|O_TRUNC, 0666) = 3</p/a>', 'write /p/a'],
    ['openat(AT_FDCWD</p>, "a", O_WRONLY|O_CREAT|O_APPEND, 0666) = 3</p/a>', 'write /p/a'],
    ['creat("/p/a", 0644) = 3</p/a>', 'write /p/a'],
    ['openat2(AT_FDCWD</p>, "a b", {flags=O_RDONLY, resolve=0}, 24) = 3</p/a b>', 'read /p/a b'],
    ['openat(AT_FDCWD</p>, "none", O_RDONLY) = -1 ENOENT (No such file or directory)', 'look /p/none'],
    ['openat(AT_FDCWD</p>, "\\303\\251\\"\\76.txt", O_RDONLY) = 3</p/\\303\\251"\\76.txt>', 'read /p/é">.txt'],
    ['openat(AT_FDCWD</p>, "a) = 4</x>", O_RDONLY) = 3</p/a) = 4\\74/x\\76>', 'read /p/a) = 4</x>'],
    ['execve("/p/tool", ["tool", "/p/x"], 0x7 /* 3 vars */) = 0', 'execute /p/tool'],
    ['execve("./tool", ["tool"], 0x7 /* 3 vars */) = 0', undefined],
    ['execve("/p/tool", ["tool"], 0x7 /* 3 vars */) = -1 ENOENT (No such file or directory)', undefined],
    ['openat(AT_FDCWD</p>, "pipe", O_RDONLY) = 3<pipe:[123]>', undefined],
    ['linkat(AT_FDCWD</p>, "a", AT_FDCWD</w>, "b", 0) = 0', 'read /p/a'],
    ['link("/p/a", "b") = 0', 'read /p/a'],
    ['link("a", "/p/b") = 0', undefined],
    ['+++ exited with 0 +++', undefined],
    ['openat(AT_FDCWD</p>, "cut o', undefined],
    ['', undefined],
  ])('%s', (line, expected) => {
    const call = parseCall(line);
    expect(call && `${call.use} ${call.path}`).toBe(expected);
  });
});

describe('the lines of a killed process', () => {
  it('are read as far as they are whole', () => {
    const text = [
      '{"python": "/usr/bin/python3"}',
      '{"name": "numpy"}',
      '{"read": "data/\\u00e9.txt"}',
      '{"write": "data/\\u00e9.txt"}',
      '[1]',
      '{"read": 3}',
      '{"read": "cut o',
    ].join('\n');
    expect(parseLines(text)).toEqual({
      executable: '/usr/bin/python3',
      names: ['numpy'],
      files: new Map([['data/é.txt', new Set(['read', 'write'])]]),
    });
  });
});
