import { types } from 'node:util';
import { Failure } from '../../base/failure.ts';
import type { Codec } from '../../stage/artefact.ts';
import type { ModuleJob } from '../protocol.ts';

/** A value in memory is hashed and written in one call, which takes at most so many bytes. Files and directories have no limit. */
export const VALUE_LIMIT_BYTES = 2 ** 31 - 1;

/** @throws {Failure} for an output without a value, or with one that is still to come */
export function refuseMissing(job: ModuleJob, name: string, value: unknown): void {
  if (value === undefined) {
    throw new Failure('stage', {
      fact: `stage ${job.stage} returned no value for its output "${name}"`,
      fix: `return it from run() in ${job.program.path}`,
    });
  }
  if (types.isPromise(value)) {
    // It may reject when nobody waits for it any more.
    value.catch(() => {});
    throw new Failure('stage', {
      fact: `stage ${job.stage} returned a promise for its output "${name}", not its value`,
      fix: `write "await" before it in run() in ${job.program.path}`,
    });
  }
}

/** The bytes of the value that a stage returned for one of its outputs. */
export async function encodeOutput(
  codec: Codec<unknown>,
  job: ModuleJob,
  name: string,
  value: unknown,
): Promise<Uint8Array> {
  try {
    // Checked before there is a second copy of it.
    checkSize(codec.sizeOf?.(value) ?? 0);
    const bytes = await codec.encode(value);
    checkSize(bytes.length);
    return bytes;
  } catch (error) {
    const fix =
      error instanceof TooLarge
        ? `write it to a file and declare the output as file, or return less from run() in ${job.program.path}`
        : `correct what run() in ${job.program.path} returns`;
    throw new Failure(
      'stage',
      { fact: `the output "${name}" of stage ${job.stage} cannot be stored: ${(error as Error).message}`, fix },
      { cause: error },
    );
  }
}

class TooLarge extends Error {}

function checkSize(bytes: number): void {
  if (bytes <= VALUE_LIMIT_BYTES) return;
  const [size, limit] = [bytes, VALUE_LIMIT_BYTES].map((count) => count.toLocaleString('en'));
  throw new TooLarge(`it is too large: ${size} bytes, and a value can have at most ${limit}`);
}
