#!/usr/bin/env node
// Builds the native addon with the address sanitiser, in a folder of its own, and runs its tests and its fuzz test on it.
//   node scripts/test-asan.mjs [vitest arguments]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { compileAddon, compiler } from '../src/tensors/scripts/compile-addon.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'vmfdag-asan-'));
const addon = join(folder, 'onednn.node');
let ok = false;
try {
  const compiled = await compileAddon({
    folder: join(folder, 'objects'),
    output: addon,
    root: env.ONEDNN_ROOT ?? '',
    sanitiser: env.VMFDAG_SANITIZE ?? 'address',
  });
  if (!compiled.ok) console.error(compiled.log);
  ok = compiled.ok && test();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
exit(ok ? 0 : 1);

function test() {
  // The sanitiser must be there before anything else is loaded.
  const { command, args } = compiler();
  const library = spawnSync(command, [...args, '-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(
    execPath,
    [vitest, 'run', 'test/tensors/backends/onednn', '--testTimeout', '300000', ...argv.slice(2)],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...env,
        VMFDAG_NATIVE_ADDON: addon,
        LD_PRELOAD: library,
        // Node frees little at its end, and the sanitiser should not report its garbage collector. Freed memory is kept back for a
        // while, to catch uses of it. It is little enough that the test of leaks still sees a flat process.
        ASAN_OPTIONS: 'quarantine_size_mb=8:detect_leaks=0',
      },
    },
  );
  return status === 0;
}
