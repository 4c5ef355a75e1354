import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootDigest } from '../../../src/engine/environments/root-digest.ts';
import { mayMount } from '../../e2e/support/privileges.ts';
import { temporaryFolder } from '../store/fixtures.ts';

function rootWith(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const folder of ['bin', 'usr/proc', 'proc', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  for (const [path, text] of Object.entries({ 'bin/sh': '#!', 'usr/proc/cpu': '1', ...files })) {
    writeFileSync(join(root, path), text);
  }
  return root;
}

const digestOf = (root: string) => rootDigest(root, join(temporaryFolder(), 'kept.json'));

describe('the digest of a root folder', () => {
  it('is of names, contents and rights', () => {
    const first = digestOf(rootWith({}));
    expect(digestOf(rootWith({}))).toBe(first);
    expect(digestOf(rootWith({ 'bin/ls': '' }))).not.toBe(first);
    expect(digestOf(rootWith({ 'bin/sh': '#?' }))).not.toBe(first);
    const executable = rootWith({});
    chmodSync(join(executable, 'bin/sh'), 0o755);
    expect(digestOf(executable)).not.toBe(first);
  });

  it('leaves out what is in /proc and /dev, which the container does not see, and nothing in folders of these names elsewhere', () => {
    const first = digestOf(rootWith({}));
    expect(digestOf(rootWith({ 'proc/uptime': '12', 'dev/null': '' }))).toBe(first);
    expect(digestOf(rootWith({ 'usr/proc/cpu': '2' }))).not.toBe(first);
    const without = rootWith({});
    rmSync(join(without, 'dev'), { recursive: true });
    expect(digestOf(without)).not.toBe(first);
  });

  it.skipIf(!mayMount())('is the same while the system is mounted there', () => {
    const root = rootWith({});
    const first = digestOf(root);
    execFileSync('mount', ['-t', 'proc', 'proc', join(root, 'proc')]);
    try {
      expect(digestOf(root)).toBe(first);
    } finally {
      execFileSync('umount', [join(root, 'proc')]);
    }
  });
});
