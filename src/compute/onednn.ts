import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Availability, ComputeIdentity, TensorFlow } from './identity.ts';
import { installedVersion } from './installed.ts';
import type { OnednnBinding } from './onednn/binding.ts';
import { registerOnednn } from './onednn/register.ts';

const ADDON = 'vmfdag/native';

/**
 * The native backend. Its addon is loaded to be asked for the version of the shared library and the instruction set that it
 * found, which decide the bits of a result as much as the addon does.
 */
export function onednnAvailability(fromDirectory: string): Availability {
  const tfjs = installedVersion('@tensorflow/tfjs', fromDirectory);
  if (tfjs === undefined) {
    return { kind: 'unavailable', reason: '@tensorflow/tfjs is not installed', fix: 'npm install @tensorflow/tfjs' };
  }
  const file = addonFile();
  if (file === undefined) {
    return {
      kind: 'unavailable',
      reason: 'its native addon is not built',
      fix: 'install oneDNN (apt-get install libdnnl-dev, or brew install onednn), then node scripts/build-native.mjs',
    };
  }
  try {
    const { version, instructionSet } = loadAddon(file).describe();
    const addon = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
    // Kernels that are not native are those of the cpu backend.
    const v8 = process.versions.v8.split('.').slice(0, 2).join('.');
    return {
      kind: 'available',
      version: `tfjs ${tfjs}, oneDNN ${version} ${instructionSet}, addon ${addon}, v8 ${v8}`,
      maximumThreads: availableParallelism(),
    };
  } catch (error) {
    return {
      kind: 'unavailable',
      reason: `its native addon does not load: ${error instanceof Error ? error.message : String(error)}`,
      fix: 'build it again: node scripts/build-native.mjs --force',
    };
  }
}

/** Makes `onednn` known to the TensorFlow.js engine, to compute with so many threads. */
export async function startOnednn(tf: TensorFlow, { threads }: ComputeIdentity): Promise<void> {
  const file = addonFile();
  if (file === undefined) throw new Error('its native addon is not built');
  const binding = loadAddon(file);
  binding.setThreads(threads);
  registerOnednn(tf, binding);
}

/** The addon of the vmfdag package that runs: found from this module, or, where that is a stage's bundle, from the worker. */
function addonFile(): string | undefined {
  for (const place of [import.meta.url, process.argv[1]]) {
    try {
      if (place !== undefined) return createRequire(place).resolve(ADDON);
    } catch {
      // Not built, or not reachable from there.
    }
  }
  return undefined;
}

function loadAddon(file: string): OnednnBinding {
  return createRequire(import.meta.url)(file) as OnednnBinding;
}
