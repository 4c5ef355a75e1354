import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isFailure } from '../../../src/engine/base/failure.ts';
import { Environments } from '../../../src/engine/environments/environments.ts';
import { temporaryFolder } from '../store/fixtures.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const RANGE = { file: 'pipeline.yaml', line: 1, column: 1, length: 1, lineText: '' };

/** What is wrong with an environment, in a project with some files and tools. */
function problemOf(
  environment: object,
  files: Readonly<Record<string, string>>,
  tools: readonly string[] = [],
  script = '',
) {
  const [root, folder] = [temporaryFolder(), temporaryFolder()];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const tool of tools) {
    writeFileSync(join(folder, tool), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, tool), 0o755);
  }
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  try {
    new Environments(root, temporaryFolder(), true).identity({ environment: environment as never, range: RANGE });
  } catch (error) {
    if (isFailure(error)) return error.diagnostics[0];
    throw error;
  }
  return undefined;
}

const CONDA_LOCK = ['linux-64', 'linux-aarch64', 'osx-64', 'osx-arm64']
  .map(
    (platform) =>
      `  - {name: xz, version: "5", manager: conda, platform: ${platform}, url: "https://c/xz-5-0.conda"}\n`,
  )
  .join('');

describe('the line to type, for names with blanks', () => {
  it('of pip', () => {
    const environment = { tool: 'pip', lock: 'my pins.txt', interpreter: "it's mine/bin/python" };
    expect(problemOf(environment, { 'my pins.txt': 'six==1.0\n' })?.fix).toBe(
      "make it: python3 -m venv 'it'\\''s mine' && 'it'\\''s mine/bin/pip' install -r 'my pins.txt'",
    );
  });

  it('of conda', () => {
    const environment = { tool: 'conda', lock: 'my locks/conda-lock.yml', by: 'prefix', place: 'my env' };
    const files = { 'my locks/conda-lock.yml': `package:\n${CONDA_LOCK}` };
    expect(problemOf(environment, files, ['micromamba'])?.fix).toBe(
      "micromamba create -y -p 'my env' -f 'my locks/conda-lock.yml'",
    );
  });

  it('of renv', () => {
    const environment = { tool: 'renv', lock: 'my analysis/renv.lock', interpreter: 'Rscript' };
    expect(problemOf(environment, { 'my analysis/renv.lock': '{"Packages": {}}' })?.fix).toBe(
      "(cd 'my analysis' && Rscript -e 'renv::activate()')",
    );
  });
});

describe('a tool that answers something else than JSON', () => {
  it('is quoted', () => {
    const environment = { tool: 'conda', lock: 'conda-lock.yml', by: 'name', place: 'analysis' };
    const files = { 'conda-lock.yml': `package:\n${CONDA_LOCK}` };
    const script = 'echo warning: the folder of packages is not writable';
    expect(problemOf(environment, files, ['micromamba'], script)).toMatchObject({
      fact: expect.stringContaining('micromamba answers warning: the folder of packages is not writable'),
      fix: 'see what this prints: micromamba env list --json',
    });
  });
});

describe('a requirements file that leaves a version open', () => {
  it('is named without the passwords of its addresses', () => {
    const environment = { tool: 'pip', lock: 'r.txt', interpreter: 'python3' };
    const text = 'six==1.0\n-e git+https://me:secret@example.org/some/package\n';
    const found = problemOf(environment, { 'r.txt': text });
    expect(found?.fact).toBe('r.txt:2 does not say which version: -e git+https://…@example.org/some/package');
  });
});
