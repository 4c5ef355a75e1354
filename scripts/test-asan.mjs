#!/usr/bin/env node
// Builds the native addon with the address sanitiser, beside the ordinary one, and runs its tests on it.
//   node scripts/test-asan.mjs [vitest arguments]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { nodeHeaderArguments } from './node-headers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'vmfdag-asan-'));
let status = 1;
try {
  cpSync(join(root, 'native', 'binding.gyp'), join(folder, 'binding.gyp'));
  cpSync(join(root, 'native', 'src'), join(folder, 'src'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  run(execPath, [gyp, 'rebuild', '--directory', folder, '--jobs', 'max', ...nodeHeaderArguments()], {
    VMFDAG_SANITIZE: 'address',
  });
  // The sanitiser must be there before anything else is loaded.
  const library = spawnSync(env.CXX ?? 'c++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  run(execPath, [vitest, 'run', 'test/compute/onednn', '--testTimeout', '300000', ...argv.slice(2)], {
    VMFDAG_NATIVE_ADDON: join(folder, 'build', 'Release', 'onednn.node'),
    LD_PRELOAD: library,
    // Node frees little at its end, and its garbage collector is not the sanitiser's business. What is freed is kept back for a
    // while, to catch uses of it: little enough that the test of leaks still sees a flat process.
    ASAN_OPTIONS: 'quarantine_size_mb=8:detect_leaks=0',
  });
  status = 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
exit(status);

function run(command, args, extra) {
  const { status: code } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...env, ...extra } });
  if (code !== 0) {
    rmSync(folder, { recursive: true, force: true });
    exit(1);
  }
}
