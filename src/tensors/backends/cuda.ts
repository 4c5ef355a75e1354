import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

export type Cuda =
  | { readonly kind: 'found' /** GPUs, driver and libraries. */; readonly version: string }
  | { readonly kind: 'missing'; readonly reason: string; readonly fix: string };

/** Where to look; the machine's own places by default. */
export interface CudaPlaces {
  /** The driver's folder in /proc. */
  readonly driver: string;
  readonly libraries: readonly string[];
  /** CUDA_VISIBLE_DEVICES */
  readonly visibleDevices: string | undefined;
}

/**
 * The libraries that libtensorflow 2.9 for GPUs loads when it starts. If one is missing, it says so on standard error
 * and goes on with the processor.
 */
const LIBRARIES = [
  'libcudart.so.11.0',
  'libcublas.so.11',
  'libcublasLt.so.11',
  'libcufft.so.10',
  'libcurand.so.10',
  'libcusolver.so.11',
  'libcusparse.so.11',
  'libcudnn.so.8',
];

/** An NVIDIA GPU on Linux with the libraries that libtensorflow needs. It is found by files only: nothing is loaded. */
export function findCuda(places: CudaPlaces = placesOfThisMachine()): Cuda {
  const driver = driverVersion(places.driver);
  if (driver === undefined) {
    return {
      kind: 'missing',
      reason: 'there is no NVIDIA driver (or this is not Linux)',
      fix: 'it needs an NVIDIA GPU on Linux with its driver (450 or newer)',
    };
  }
  const { visibleDevices } = places;
  if (visibleDevices === '' || visibleDevices?.startsWith('-1')) {
    return { kind: 'missing', reason: 'CUDA_VISIBLE_DEVICES hides every GPU', fix: 'unset CUDA_VISIBLE_DEVICES' };
  }
  const files = LIBRARIES.map((library) => ({ library, file: find(library, places.libraries) }));
  const absent = files.filter(({ file }) => file === undefined).map(({ library }) => library);
  if (absent.length > 0) {
    return {
      kind: 'missing',
      reason: `not found: ${absent.join(', ')}`,
      fix: 'install CUDA 11 and cuDNN 8, and put their folders into LD_LIBRARY_PATH (docs/backends.md: from pip)',
    };
  }
  const gpus = modelsOf(places.driver);
  // The choice of a GPU matters to the bits only where they differ.
  const choice = gpus.length > 1 && visibleDevices !== undefined ? ` (CUDA_VISIBLE_DEVICES=${visibleDevices})` : '';
  const libraries = files.map(({ library, file }) => (file === undefined ? library : nameWithVersion(file)));
  return { kind: 'found', version: `${gpus.join(' + ')}${choice}, driver ${driver}, ${libraries.join(' ')}` };
}

/** A library's file behind links, which has the full version in its name; those from pip have not, but their package has. */
function nameWithVersion(file: string): string {
  const real = realpathSync(file);
  const name = basename(real);
  // site-packages/nvidia/cublas/lib/libcublas.so.11 belongs to site-packages/nvidia_cublas_cu11-11.11.3.6.dist-info.
  const [, site, part] = /^(.*)\/nvidia\/(\w+)\/lib\/[^/]+$/.exec(real) ?? [];
  if (site === undefined) return name;
  const versions = readdirSync(site).map((entry) => /^nvidia_(\w+)_cu\d+-(.+)\.dist-info$/.exec(entry));
  const version = versions.find((found) => found?.[1] === part)?.[2];
  return version === undefined ? name : `${name} (${version})`;
}

function driverVersion(directory: string): string | undefined {
  const text = readText(join(directory, 'version'));
  // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 …"
  return text === undefined ? undefined : (/Kernel Module\D*\s(\d+(?:\.\d+)+)\s/.exec(text)?.[1] ?? text.trim());
}

/** The different models, sorted. */
function modelsOf(directory: string): readonly string[] {
  const gpus = join(directory, 'gpus');
  const models = existsSync(gpus)
    ? readdirSync(gpus).map((gpu) => /^Model:\s*(.+?)\s*$/m.exec(readText(join(gpus, gpu, 'information')) ?? '')?.[1])
    : [];
  return [...new Set(models.map((model) => model ?? 'unknown GPU'))].sort();
}

function find(library: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, library)).find((file) => existsSync(file));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function placesOfThisMachine(): CudaPlaces {
  const { LD_LIBRARY_PATH, CUDA_VISIBLE_DEVICES } = process.env;
  return {
    driver: '/proc/driver/nvidia',
    libraries: [
      ...(LD_LIBRARY_PATH ?? '').split(delimiter).filter((directory) => directory !== ''),
      ...configuredDirectories('/etc/ld.so.conf.d'),
      '/usr/lib/x86_64-linux-gnu',
      '/usr/lib64',
      '/usr/lib',
    ],
    visibleDevices: CUDA_VISIBLE_DEVICES,
  };
}

/** Folders that the dynamic linker knows: a package of CUDA puts a file there. */
function configuredDirectories(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.conf'))
    .flatMap((name) => (readText(join(directory, name)) ?? '').split('\n'))
    .map((text) => text.trim())
    .filter((text) => text.startsWith('/'));
}
