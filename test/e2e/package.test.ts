import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/folders.ts';
import { repository, vmfdag } from './support/repository.ts';

/** What npm downloads is kept between runs of the tests. */
const npmCache = join(repository, 'node_modules/.cache/vmfdag-e2e/npm');

/** A shell with an empty home, and of npm's settings only those that say how the registry is reached. */
function shell(directory: string, home: string, command: string) {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cafile|.*proxy)|NODE_EXTRA_CA_CERTS|.*_proxy)$/i.test(name),
  );
  return spawnSync('sh', ['-ec', command], {
    cwd: directory,
    encoding: 'utf8',
    timeout: 900_000,
    env: {
      ...Object.fromEntries(kept),
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: home,
      npm_config_cache: npmCache,
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
    },
  });
}

/** Makes a project by `start`, does what that prints, and expects the pipeline to have run. */
function followsItsOwnAdvice(directory: string, home: string, start: string): void {
  const init = shell(directory, home, `${start} init dice`);
  expect(init).toMatchObject({ status: 0, stdout: 'cd dice\nnpx vmfdag run\n' });
  const run = shell(directory, home, init.stdout);
  expect(run.stdout).toContain('done: 4 nodes executed');
  expect(run.status, run.stderr).toBe(0);
  expect(readFileSync(join(directory, 'dice/results/quick/summary.md'), 'utf8')).toMatch(
    /^\| seed \| throws \| mean \|/,
  );
  expect(shell(join(directory, 'dice'), home, 'npx vmfdag run').stdout).toMatch(/^up to date: 0 nodes executed, 4 /);
}

describe('the package', () => {
  let tarball = '';
  const home = temporaryFolder();

  beforeAll(() => {
    const folder = temporaryFolder();
    const pack = shell(repository, home, `npm pack --ignore-scripts --silent --pack-destination '${folder}'`);
    expect(pack.status, pack.stderr).toBe(0);
    tarball = join(folder, readdirSync(folder)[0] as string);
  }, 600_000);

  it('holds what it needs and nothing else', () => {
    const files = shell(repository, home, `tar tzf '${tarball}'`)
      .stdout.trim()
      .split('\n')
      .map((path) => path.replace('package/', ''));
    expect(files).toEqual(
      expect.arrayContaining([
        ...['dist/vmfdag.cjs', 'dist/worker.js', 'dist/index.js', 'dist/contract.js', 'src/index.ts'],
        ...['schemas/pipeline.schema.json', 'templates/project/pipeline.yaml', 'templates/project/gitignore'],
        ...['native/src/addon.cpp', 'native/src/arguments.h', 'scripts/build-native.mjs', 'scripts/compile-addon.mjs'],
        ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'],
      ]),
    );
    const others = files.filter(
      (path) =>
        !/^(dist|schemas|src|stages|native\/src|docs|examples|templates)\//.test(path) &&
        !/^(package\.json|pipeline\.yaml|README\.md|CHANGELOG\.md|LICENSE)$/.test(path) &&
        !/^scripts\/(build-native|compile-addon)\.mjs$/.test(path),
    );
    expect(others).toEqual([]);
    expect(
      files.filter((path) => /node_modules|^(?!src\/).*\/(cache|results)\/|\.node$|\.log$|\.part/.test(path)),
    ).toEqual([]);
  });

  it('is installed into an empty folder without any install script, and runs as it prints', { timeout: 1_800_000 }, ({
    skip,
  }) => {
    const registry = shell(repository, home, 'npm view --fetch-retries 0 --fetch-timeout 20000 valibot version');
    skip(registry.status !== 0, `the registry of npm cannot be reached: ${registry.stderr.slice(0, 200)}`);
    const folder = temporaryFolder();
    // What npm 12 does unless scripts are approved.
    const install = shell(folder, home, `npm install --ignore-scripts '${tarball}'`);
    expect(install.status, install.stderr).toBe(0);
    followsItsOwnAdvice(folder, home, 'npx vmfdag');
    // From here the addon can be built, and doctor says how.
    const doctor = shell(folder, home, 'npx vmfdag doctor');
    expect(doctor.stdout).toContain('– backend onednn: nobody has built its native addon\n');
    const [, script] = doctor.stdout.match(/^ {4}node (\S+build-native\.mjs)$/m) ?? [];
    expect(existsSync(script ?? '')).toBe(true);
    // And where that fails, why.
    expect(shell(folder, home, `CXX=no-such-compiler node ${script}`).status).toBe(0);
    const reason = 'its native addon is not built: there is no C++ compiler (no-such-compiler)';
    expect(shell(folder, home, 'npx vmfdag doctor').stdout).toContain(`– backend onednn: ${reason}\n`);
  });

  it('runs as it prints in a project that a clone makes, and in one inside of that', () => {
    const folder = temporaryFolder();
    followsItsOwnAdvice(folder, home, `node '${vmfdag}'`);
    followsItsOwnAdvice(join(folder, 'dice'), home, `node '${vmfdag}'`);
  });
});

describe('a build of the addon', () => {
  /** The outcome of a build in a copy, with a compiler that is no compiler of this machine. */
  function outcomeWith(cxx: string): { readonly kind: string; readonly reason?: string; readonly fix?: string } {
    const folder = temporaryFolder();
    const script = `
      cp -r '${repository}/native/src' '${repository}/scripts' .
      mkdir native && mv src native/src
      ln -s '${repository}/node_modules' node_modules
      CXX='${cxx}' node scripts/build-native.mjs`;
    const { status } = shell(folder, folder, script);
    expect(status).toBe(0);
    return JSON.parse(readFileSync(join(folder, 'native/build/outcome.json'), 'utf8'));
  }

  it('that has no compiler says so', () => {
    expect(outcomeWith('no-such-compiler')).toMatchObject({
      kind: 'failed',
      reason: 'there is no C++ compiler (no-such-compiler)',
      fix: expect.stringMatching(/build-native\.mjs$/),
    });
  });

  it("that fails keeps the compiler's first error", () => {
    const folder = temporaryFolder();
    const compiler = join(folder, 'compiler');
    // It knows the version of oneDNN, and cannot compile.
    writeFileSync(
      compiler,
      `#!/bin/sh
       case "$*" in *-E*) echo 'vmfdag 3 7 2';; *) echo "native/src/gemm.cpp:7:1: error: no disk" >&2; exit 1;; esac\n`,
      { mode: 0o755 },
    );
    expect(outcomeWith(compiler)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^its compilation failed: .*gemm\.cpp:7:1: error: no disk$/),
    });
  });

  it('that cannot link names what is missing', () => {
    const folder = temporaryFolder();
    const compiler = join(folder, 'compiler');
    writeFileSync(
      compiler,
      `#!/bin/sh
       case "$*" in *-E*) echo 'vmfdag 3 7 2';; *-c*) : ;; *) echo "/usr/bin/ld: cannot find -ldnnl" >&2; exit 1;; esac\n`,
      { mode: 0o755 },
    );
    expect(outcomeWith(compiler).reason).toBe('its compilation failed: /usr/bin/ld: cannot find -ldnnl');
  });
});
