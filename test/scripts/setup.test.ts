import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '../e2e/support/repository.ts';
import { temporaryFolder } from '../engine/store/fixtures.ts';

it('says what to do where npm cannot install the packages', () => {
  const folder = temporaryFolder();
  for (const path of ['scripts', 'package.json', 'package-lock.json']) {
    cpSync(join(repository, path), join(folder, path), { recursive: true });
  }
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'npm'), '#!/bin/sh\necho "npm error code EAI_AGAIN" >&2\nexit 7\n');
  chmodSync(join(programs, 'npm'), 0o755);

  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs'], {
    cwd: folder,
    env: { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}` },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 7, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    'vmfdag: installing packages …',
    'npm error code EAI_AGAIN',
    'vmfdag: "npm ci --no-audit --no-fund" failed',
    expect.stringMatching(/^ {2}fix: .*connect it .*type the same command again$/),
    '',
  ]);
});
