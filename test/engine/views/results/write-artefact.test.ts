import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeArtefact, writeToPath } from '../../../../src/engine/views/results/write-artefact.ts';
import { temporaryFolder } from '../../store/fixtures.ts';

const bytes = Buffer.from('new');

describe('writeArtefact', () => {
  it('makes the folders and leaves nothing else behind', () => {
    const folder = temporaryFolder();
    writeArtefact(join(folder, 'a/b/c.bin'), Buffer.from('first'));
    writeArtefact(join(folder, 'a/b/c.bin'), bytes);
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.bin']);
    expect(readFileSync(join(folder, 'a/b/c.bin'), 'utf8')).toBe('new');
  });
});

describe('writeToPath', () => {
  it('writes to the file that a link leads to', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'real'), 'old');
    symlinkSync('real', join(folder, 'second'));
    symlinkSync('second', join(folder, 'first'));
    expect(writeToPath(join(folder, 'first'), bytes)).toBe(join(folder, 'first'));
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'first')).isSymbolicLink()).toBe(true);
  });

  it('writes into a pipe that somebody reads, and into a device', async () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('cat', [pipe]);
    writeToPath(pipe, bytes);
    expect(await text(reader.stdout)).toBe('new');
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    writeToPath('/dev/null', bytes);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('writes into a folder under a given name, and refuses a folder if there is no name or the name is taken', () => {
    const folder = temporaryFolder();
    expect(writeToPath(folder, bytes, 'name')).toBe(join(folder, 'name'));
    expect(readFileSync(join(folder, 'name'), 'utf8')).toBe('new');
    mkdirSync(join(folder, 'taken/name'), { recursive: true });
    expect(() => writeToPath(join(folder, 'taken'), bytes, 'name')).toThrow('is a folder, where a file is to be');
    expect(() => writeToPath(folder, bytes)).toThrow('is a folder, where a file is to be written');
  });

  it('refuses sockets, links that lead nowhere or in a circle, and files in the place of folders', async () => {
    const folder = temporaryFolder();
    const server = createServer().listen(join(folder, 'socket'));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    symlinkSync('nothing', join(folder, 'broken'));
    symlinkSync('circle', join(folder, 'circle'));
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeToPath(join(folder, 'socket'), bytes)).toThrow('is a socket');
    expect(() => writeToPath(join(folder, 'broken'), bytes)).toThrow('is a link that leads nowhere');
    expect(() => writeToPath(join(folder, 'circle'), bytes)).toThrow(/cannot write .*ELOOP/);
    expect(() => writeToPath(join(folder, 'file/inside'), bytes)).toThrow(/cannot write .*ENOTDIR/);
    expect(() => writeToPath(join(folder, 'n'.repeat(300)), bytes)).toThrow(/cannot write .*ENAMETOOLONG/);
    expect(readdirSync(folder).sort()).toEqual(['broken', 'circle', 'file', 'socket']);
  });
});
