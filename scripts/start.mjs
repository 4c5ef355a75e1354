// `npm start`: sets everything up, runs the pipeline and writes its report. Options after `--` are those of `vmfdag run`; with any, the
// report is left to `vmfdag report`, which has other options.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = process.argv.slice(2);

run('scripts/setup.mjs', []);
run('src/engine/bin/vmfdag.cjs', ['run', ...options]);
if (options.length === 0) run('src/engine/bin/vmfdag.cjs', ['report']);

function run(program, args) {
  const { status, signal } = spawnSync(process.execPath, [join(root, program), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}
