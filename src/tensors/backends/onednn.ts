import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Availability, ComputeIdentity, TensorFlow } from './identity.ts';
import { installedVersion } from './installed.ts';
import { addonFile, buildCommand, buildOutcome, fileDigest, libraryDigest } from './native-build.ts';
import type { OnednnBinding } from './onednn/binding.ts';
import { registerOnednn } from './onednn/register.ts';

/**
 * The native backend. Its addon is loaded to ask for what decides the bits of a result as much as its own code: the libraries
 * that it found, and what they find of the processor.
 */
export function onednnAvailability(fromDirectory: string): Availability {
  const tfjs = installedVersion('@tensorflow/tfjs-core', fromDirectory);
  if (tfjs === undefined) {
    return {
      kind: 'unavailable',
      reason: '@tensorflow/tfjs-core is not installed',
      fix: 'npm install @tensorflow/tfjs-core',
    };
  }
  const file = addonFile();
  const outcome = buildOutcome();
  if (file === undefined) {
    return outcome?.kind === 'failed'
      ? { kind: 'unavailable', reason: `its native addon is not built: ${outcome.reason}`, fix: outcome.fix }
      : { kind: 'unavailable', reason: 'nobody has built its native addon', fix: buildCommand() };
  }
  try {
    const description: Partial<Description> = loadAddon(file).describe();
    if (!isOfThisVersion(description)) {
      return { kind: 'unavailable', reason: 'its native addon is that of another version', fix: buildCommand() };
    }
    const { version, libraryFile, mathematicsFile } = description;
    const digestOf = (library: string): string =>
      library === '' ? 'unknown' : libraryDigest(library, outcome).slice(0, 16);
    const parts = [
      `tfjs ${tfjs}`,
      `oneDNN ${version} ${digestOf(libraryFile)}`,
      machineOf(description),
      `libm ${digestOf(mathematicsFile)}`,
      `addon ${fileDigest(file).slice(0, 16)}`,
      // Kernels that are not native are those of the cpu backend.
      `v8 ${process.versions.v8.split('.').slice(0, 2).join('.')}`,
    ];
    return {
      kind: 'available',
      version: parts.join(', '),
      maximumThreads: Math.min(availableParallelism(), description.threadLimit),
    };
  } catch (error) {
    return {
      kind: 'unavailable',
      reason: `its native addon does not load: ${error instanceof Error ? error.message : String(error)}`,
      fix: `build it again: ${buildCommand()} --force`,
    };
  }
}

/** The system's libraries that the addon loads, and that decide the bits of a result. */
export function loadedLibraries(file: string): readonly string[] {
  try {
    const { libraryFile, mathematicsFile } = loadAddon(file).describe();
    return [libraryFile, mathematicsFile].filter((library) => library !== '');
  } catch {
    return [];
  }
}

/** What the addon finds on the machine in this process. The bits of results depend on it as much as on the addon's code. */
function machineOf({ instructionSet, ownInstructionSet, caches }: Description): string {
  return `${instructionSet}, own ${ownInstructionSet}, ${caches}`;
}

type Description = ReturnType<OnednnBinding['describe']>;

/** An addon that stayed when its package was replaced says less about itself, and takes other arguments. */
function isOfThisVersion(description: Partial<Description>): description is Description {
  return description.threadLimit !== undefined;
}

/** Registers `onednn` in the TensorFlow.js engine, with a number of threads. */
export async function startOnednn(tf: TensorFlow, { version, threads }: ComputeIdentity): Promise<void> {
  const file = addonFile();
  if (file === undefined) throw new Error('its native addon is not built');
  const binding = loadAddon(file);
  // A worker may find something else than the command found: each process has libraries and variables of its own.
  const description = binding.describe();
  const found = machineOf(description);
  if (!version.includes(`, ${found}, `) || !version.includes(`, oneDNN ${description.version} `)) {
    throw new Error(`here it would compute with oneDNN ${description.version}, ${found}`);
  }
  binding.setThreads(threads);
  registerOnednn(tf, binding);
}

function loadAddon(file: string): OnednnBinding {
  return createRequire(import.meta.url)(file) as OnednnBinding;
}
