import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from './repository.ts';

const MAKE = `
import os, sys, zipfile
folder, name, version, code = sys.argv[1:]
os.makedirs(folder, exist_ok=True)
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(os.path.join(folder, f"{name}-{version}-py3-none-any.whl"), "w") as wheel:
    wheel.writestr(f"{name}.py", code)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
`;

/** Makes a package of one Python module, as installers take it. */
export function makeWheel(folder: string, name: string, version: string, code: string): void {
  const { status, stderr } = spawnSync('python3', ['-c', MAKE, folder, name, version, code], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** The folder of uv: where scripts/python-packages.mjs installs it, else the one on PATH; undefined where there is none. */
export function folderOfUv(): string | undefined {
  const installed = join(repository, 'node_modules/.cache/vmfdag-python/bin');
  if (existsSync(join(installed, 'uv'))) return installed;
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v uv'], { encoding: 'utf8' });
  return status === 0 ? dirname(stdout.trim()) : undefined;
}

/** Why Python cannot make virtual environments here; undefined where it can. */
export function whyNoVenv(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import venv']);
  return status === 0 ? undefined : 'python3 has no module venv (on Debian: apt-get install python3-venv)';
}
