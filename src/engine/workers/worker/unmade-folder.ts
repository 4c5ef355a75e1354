import { Failure } from '../../base/failure.ts';
import { DISK_FULL_FIX, explainSystemError } from '../../base/system-error.ts';

/** No room on the disk, or for this user. */
const FULL = ['ENOSPC', 'EDQUOT'];

/**
 * What to throw where the engine cannot make the folder of a node: no stage is the cause.
 * @returns a {Failure} of kind `store`, which ends the run, where the disk is full, and `environment` for what else the system refuses; any other error as it is
 */
export function unmadeFolder(node: string, error: unknown): unknown {
  const explained = explainSystemError(error);
  if (!explained) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const isFull = FULL.includes(code);
  const fact = `the folder of ${node} in the cache cannot be made (${message})`;
  const diagnostic = { ...explained, fact, ...(isFull ? { fix: DISK_FULL_FIX } : {}) };
  return new Failure(isFull ? 'store' : 'environment', diagnostic, { cause: error });
}
