import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** That of a machine without a driver for GPUs. */
const NO_GPU = 'none';

const LIMIT_MS = 20_000;

let found: string | undefined;

/**
 * The GPUs of this machine, as part of the keys of stages that ask for some: `NVIDIA H200, driver 550.54.15, CUDA 12.4`. The order of sums
 * on a GPU, and the kernels that libraries choose, depend on all three.
 */
export function gpuIdentity(): string {
  found ??= fromTool() ?? fromKernel() ?? NO_GPU;
  return found;
}

/** Reads what `nvidia-smi -q` prints; undefined for anything else. */
export function gpusOfReport(report: string): string | undefined {
  const [driver] = valuesOf(report, 'Driver Version');
  const [cuda] = valuesOf(report, 'CUDA Version');
  const models = valuesOf(report, 'Product Name');
  if (driver === undefined || models.length === 0) return undefined;
  return describe(models, driver, cuda);
}

/** Several nodes may get different ones of them, so all count. */
function describe(models: readonly string[], driver: string, cuda: string | undefined): string {
  const names = [...new Set(models)].sort().join(' + ');
  return [names, `driver ${driver}`, ...(cuda === undefined ? [] : [`CUDA ${cuda}`])].join(', ');
}

function valuesOf(report: string, name: string): readonly string[] {
  return [...report.matchAll(new RegExp(`^\\s*${name}\\s*: *(\\S.*?)\\s*$`, 'gm'))].map(([, value = '']) => value);
}

function fromTool(): string | undefined {
  const { status, stdout } = spawnSync('nvidia-smi', ['-q'], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? gpusOfReport(stdout) : undefined;
}

/** Containers may lack the tool. */
function fromKernel(): string | undefined {
  try {
    const driver = /Kernel Module\D*([\d.]+)/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[1];
    const folder = '/proc/driver/nvidia/gpus';
    const models = readdirSync(folder).flatMap((gpu) =>
      valuesOf(readFileSync(`${folder}/${gpu}/information`, 'utf8'), 'Model'),
    );
    return driver === undefined || models.length === 0 ? undefined : describe(models, driver, undefined);
  } catch {
    return undefined;
  }
}
