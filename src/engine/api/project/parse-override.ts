import { Failure } from '../../base/failure.ts';
import type { ParamOverride } from '../../pipeline/load-pipeline.ts';

/**
 * Reads `path=value`, as `--set` takes it and records of runs have it.
 * @param example for the message
 * @throws {Failure} kind `usage` where there is no path
 */
export function parseOverride(text: string, example = 'compute.threads=2'): ParamOverride {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    throw new Failure('usage', {
      fact: `--set ${text}: there is no "path=value" in this`,
      fix: `write for example --set ${example}`,
    });
  }
  return { path: text.slice(0, equals), value: text.slice(equals + 1), origin: `--set ${text}` };
}
