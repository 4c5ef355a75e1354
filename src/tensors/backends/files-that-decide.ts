import { readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { installedPackage } from './installed.ts';
import { addonFile, buildFolder } from './native-build.ts';
import { loadedLibraries } from './onednn.ts';

/** Packages whose presence and version decide which backends there are. */
const PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
  'webgpu',
];

/** Where drivers of GPUs and the dynamic linker say what they have. */
const SYSTEM = ['/proc/driver/nvidia/version', '/etc/ld.so.cache', '/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

/**
 * The files and folders that an answer about backends depends on, including missing ones: as long as none of them changes, the answer is
 * the same.
 */
export function filesThatDecide(projectDirectory: string): readonly string[] {
  const addon = addonFile();
  return [
    ...PACKAGES.flatMap((name) => manifestsLookedFor(name, projectDirectory)),
    ...['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].flatMap((name) =>
      nativeFiles(installedPackage(name, projectDirectory)?.directory),
    ),
    ...dawnFiles(installedPackage('webgpu', projectDirectory)?.directory),
    join(buildFolder(), 'outcome.json'),
    join(buildFolder(), 'Release'),
    ...(addon === undefined ? [] : [addon, ...loadedLibraries(addon)]),
    ...(process.env.LD_LIBRARY_PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...SYSTEM,
  ];
}

/** All places where Node looks for a package. */
function manifestsLookedFor(name: string, from: string): readonly string[] {
  const above = dirname(from);
  return [join(from, 'node_modules', name, 'package.json'), ...(above === from ? [] : manifestsLookedFor(name, above))];
}

/** What upstream's package loads, including missing files. */
function nativeFiles(directory: string | undefined): readonly string[] {
  if (directory === undefined) return [];
  const libraries = join(directory, 'deps/lib');
  const binding = join(directory, 'lib/napi-v8');
  return [
    // Upstream's package imports it, and need not get that of the project.
    ...manifestsLookedFor('@tensorflow/tfjs', directory),
    libraries,
    binding,
    ...[libraries, binding].flatMap((folder) => namesIn(folder).map((name) => join(folder, name))),
  ];
}

function dawnFiles(directory: string | undefined): readonly string[] {
  if (directory === undefined) return [];
  const folders = [directory, join(directory, 'dist')];
  return [...folders, ...folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
