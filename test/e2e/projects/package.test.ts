import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { init, parse } from 'es-module-lexer';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConformance } from '../../tensors/conformance/run-conformance.ts';
import { temporaryFolder } from '../support/folders.ts';
import { repository, vmfdag } from '../support/repository.ts';

/** What npm downloads is kept between runs of the tests. */
const npmCache = join(repository, 'node_modules/.cache/vmfdag-e2e/npm');

/** A shell with an empty home. It has npm's settings that say how the registry is reached, and what the addon is built with. */
function shell(directory: string, home: string, command: string) {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_(registry|cafile|.*proxy)|NODE_EXTRA_CA_CERTS|.*_proxy|CXX|ONEDNN_ROOT)$/i.test(name),
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

/** The package that npm would publish, as a file. */
function pack(folder: string, home: string): string {
  const target = temporaryFolder();
  const packed = shell(
    join(repository, folder),
    home,
    `npm pack --ignore-scripts --silent --pack-destination '${target}'`,
  );
  expect(packed.status, packed.stderr).toBe(0);
  return join(target, readdirSync(target)[0] as string);
}

function filesIn(tarball: string, home: string): readonly string[] {
  return shell(repository, home, `tar tzf '${tarball}'`)
    .stdout.trim()
    .split('\n')
    .map((path) => path.replace('package/', ''));
}

/** The project's stages, and a program that calls the library, are checked against the sources in the package. */
function hasTypes(project: string, home: string): void {
  writeFileSync(
    join(project, 'stages/program.ts'),
    "import { plan, run } from 'vmfdag';\nexport const all = [plan, run];\n",
  );
  const compiler = join(repository, 'node_modules/typescript/bin/tsc');
  const types = join(repository, 'node_modules/@types');
  const { status, stdout } = shell(project, home, `node '${compiler}' --noEmit --types node --typeRoots '${types}'`);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}

/** `@scope/name` of `@scope/name/file`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Why packages cannot be installed here. */
function whyNoRegistry(home: string): string | undefined {
  const { status, stderr } = shell(
    repository,
    home,
    'npm view --fetch-retries 0 --fetch-timeout 20000 valibot version',
  );
  return status === 0 ? undefined : `the registry of npm cannot be reached: ${stderr.slice(0, 200)}`;
}

/** Of a folder, in bytes on disk. */
function sizeOf(folder: string): number {
  return Number(shell(folder, folder, 'du -sk node_modules').stdout.split('\t')[0]) * 1024;
}

describe('the engine, packed', () => {
  const home = temporaryFolder();
  let tarball = '';

  beforeAll(() => {
    tarball = pack('src/engine', home);
  }, 600_000);

  it('holds what it needs and nothing else', () => {
    const files = filesIn(tarball, home);
    expect(files).toEqual(
      expect.arrayContaining([
        ...[
          'bin/vmfdag.cjs',
          'dist/vmfdag.cjs',
          'dist/worker.cjs',
          'dist/worker-program.cjs',
          'dist/index.js',
          'dist/stage.js',
          'index.ts',
        ],
        ...[
          'dist/ui/index.html',
          'dist/ui/page.js',
          'dist/report/render.cjs',
          'dist/report/style.css',
          'dist/report/behaviour.js',
        ],
        ...['dist/fonts/source-sans-3-latin-400-normal.woff2', 'dist/fonts/LICENSE', 'package.json', 'README.md'],
        ...[
          'dist/python/vmfdag/_code.py',
          'dist/python/vmfdag/_audit.py',
          'dist/python/vmfdag/_slot.py',
          'dist/python/vmfdag/_site/sitecustomize.py',
        ],
        ...['dist/python/vmfdag/__init__.py', 'dist/python/vmfdag/torch.py', 'dist/python/vmfdag/py.typed'],
        ...['schemas/pipeline.schema.json', 'templates/project/pipeline.yaml', 'templates/project/gitignore'],
      ]),
    );
    expect(
      files.filter((path) => /node_modules|\.node$|\.log$|\.map$|\.part|\/(cache|results)\/.*\.mdb/.test(path)),
    ).toEqual([]);
  });

  it('depends on all that its library imports', async () => {
    await init;
    const { dependencies } = JSON.parse(readFileSync(join(repository, 'src/engine/package.json'), 'utf8'));
    const dist = join(repository, 'src/engine/dist');
    const chunks = readdirSync(join(dist, 'chunks')).map((name) => join('chunks', name));
    const texts = ['index.js', 'stage.js', ...chunks.filter((name) => name.endsWith('.js'))].map((name) =>
      readFileSync(join(dist, name), 'utf8'),
    );
    // A lexer, since a chunk may be one line.
    const imported = texts.flatMap((text) =>
      parse(text)[0].flatMap(({ n: name, d }) => (d === -1 && name ? [name] : [])),
    );
    const packages = new Set(imported.filter((name) => !isBuiltin(name) && !name.startsWith('.')).map(packageOf));
    expect(packages.size).toBeGreaterThan(3);
    expect([...packages].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
  });

  it('puts what a stage loads into keys, and no other part of the engine', async () => {
    await init;
    const dist = join(repository, 'src/engine/dist');
    const loaded = ['stage.js'];
    for (const file of loaded) {
      for (const { n: name = '' } of parse(readFileSync(join(dist, file), 'utf8'))[0]) {
        const path = join(file, '..', name);
        if (name.startsWith('.') && !loaded.includes(path)) loaded.push(path);
      }
    }
    const manifest = JSON.parse(readFileSync(join(repository, 'src/engine/package.json'), 'utf8'));
    const counted = (path: string) =>
      manifest.vmfdag.stageFiles.some((each: string) =>
        each.endsWith('*') ? `dist/${path}`.startsWith(each.slice(0, -1)) : `dist/${path}` === each,
      );
    const built = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
    expect(loaded.length).toBeGreaterThan(1);
    expect(built.filter(counted).sort()).toEqual(loaded.sort());
  });

  it('is installed into an empty folder, small and without any install script, and runs as it prints', {
    timeout: 1_800_000,
  }, ({ skip }) => {
    const missing = whyNoRegistry(home);
    skip(missing !== undefined, missing);
    const folder = temporaryFolder();
    // What npm 12 does unless scripts are approved.
    const install = shell(folder, home, `npm install --prefix . --ignore-scripts '${tarball}'`);
    expect(install.status, install.stderr).toBe(0);
    expect(sizeOf(folder)).toBeLessThan(60e6);
    const installed = readdirSync(join(folder, 'node_modules'));
    for (const name of ['@tensorflow', 'vega', 'vega-lite', 'pacote', '@resvg']) expect(installed).not.toContain(name);
    followsItsOwnAdvice(folder, home, 'npx vmfdag');
    hasTypes(join(folder, 'dice'), home);
  });

  it('runs as it prints in a project that a clone makes, and in one inside of that', () => {
    const folder = temporaryFolder();
    followsItsOwnAdvice(folder, home, `node '${vmfdag}'`);
    followsItsOwnAdvice(join(folder, 'dice'), home, `node '${vmfdag}'`);
  });
});

describe('the backends, packed', () => {
  const home = temporaryFolder();

  it('hold the sources of the addon, and no build of it', () => {
    const files = filesIn(pack('src/tensors', home), home);
    expect(files).toEqual(
      expect.arrayContaining([
        ...['dist/index.js', 'dist/compute-provider.js', 'index.ts', 'package.json', 'README.md'],
        ...['native/src/addon.cpp', 'native/src/arguments.h', 'scripts/build-native.mjs', 'scripts/compile-addon.mjs'],
      ]),
    );
    expect(files.filter((path) => /node_modules|native\/build|\.node$|\.log$|\.map$/.test(path))).toEqual([]);
  });

  describe('in an empty folder', () => {
    const missing = whyNoRegistry(home);
    const folder = temporaryFolder();
    const installed = join(folder, 'node_modules/tfjs-backend-onednn');

    beforeAll(() => {
      if (missing !== undefined) return;
      const install = shell(folder, home, `npm install --prefix . --ignore-scripts '${pack('src/tensors', home)}'`);
      expect(install.status, install.stderr).toBe(0);
    }, 1_800_000);

    it('say without the addon how to build it, and what failed', { timeout: 300_000 }, ({ skip }) => {
      skip(missing !== undefined, missing);
      const imported = () => shell(folder, home, `node -e "import('tfjs-backend-onednn')" 2>&1 || true`).stdout;
      const said = imported();
      expect(said).toContain('the backend onednn is not available: nobody has built its native addon');
      const [, script] = said.match(/node (\S+build-native\.mjs)/) ?? [];
      expect(existsSync(script ?? '')).toBe(true);
      expect(shell(folder, home, `CXX=no-such-compiler node ${script}`).status).toBe(0);
      expect(imported()).toContain('its native addon is not built: there is no C++ compiler (no-such-compiler)');
    });

    it('register onednn on import, and pass the tests of TensorFlow.js', { timeout: 300_000 }, async ({ skip }) => {
      skip(missing !== undefined, missing);
      const built = join(repository, 'src/tensors/native/build');
      skip(!existsSync(join(built, 'Release/onednn.node')), 'the native addon is not built');
      // To compile it takes a minute. The script has nothing to do: the packed sources are those of this build.
      cpSync(built, join(installed, 'native/build'), { recursive: true });
      const build = shell(folder, home, 'node node_modules/tfjs-backend-onednn/scripts/build-native.mjs');
      expect(build).toMatchObject({ status: 0, stdout: '', stderr: '' });
      writeFileSync(
        join(folder, 'product.mjs'),
        `import 'tfjs-backend-onednn';
         import * as tf from '@tensorflow/tfjs-core';
         await tf.ready();
         console.log(tf.getBackend(), ...tf.matMul([[1, 2]], [[3], [4]]).dataSync());`,
      );
      expect(shell(folder, home, 'node product.mjs')).toMatchObject({ status: 0, stdout: 'onednn 11\n', stderr: '' });
      const { passed, failed, outsideOfSpecs } = await runConformance('--installed', folder);
      expect({ failed, outsideOfSpecs }).toEqual({ failed: [], outsideOfSpecs: [] });
      expect(passed).toBeGreaterThanOrEqual(4200);
    });
  });
});

describe('a build of the addon', () => {
  /** The outcome of a build in a copy, with a compiler that is no compiler of this machine. */
  function outcomeWith(cxx: string): { readonly kind: string; readonly reason?: string; readonly fix?: string } {
    const folder = temporaryFolder();
    const script = `
      cp -r '${repository}/src/tensors/native/src' '${repository}/src/tensors/scripts' .
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
       case " $* " in *' -E '*) echo 'vmfdag 3 7 2';; *) echo "native/src/gemm.cpp:7:1: error: no disk" >&2; exit 1;; esac\n`,
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
       case " $* " in *' -E '*) echo 'vmfdag 3 7 2';; *' -c '*) : ;; *) echo "/usr/bin/ld: cannot find -ldnnl" >&2; exit 1;; esac\n`,
      { mode: 0o755 },
    );
    expect(outcomeWith(compiler).reason).toBe('its compilation failed: /usr/bin/ld: cannot find -ldnnl');
  });
});
