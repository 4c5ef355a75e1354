import type { Diagnostic } from '../base/diagnostic.ts';
import { type FromUnit, platformName, type ToUnit, UNIT_PROTOCOL } from './messages.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** What a run says first. */
export function greetingOf({ run, root, compute, version, shared }: UnitsOfRun): Extract<ToUnit, { type: 'hello' }> {
  return {
    type: 'hello',
    protocol: UNIT_PROTOCOL,
    version,
    run,
    root,
    platform: platformName(),
    compute,
    shared: shared ? { ...shared, url: shared.url.href } : null,
  };
}

/** Why the run does not speak with a unit that has greeted; undefined if both have the same version. */
export function otherVersion(
  { protocol, version, host }: Extract<FromUnit, { type: 'hello' }>,
  own: string,
): Diagnostic | undefined {
  if (protocol === UNIT_PROTOCOL && version === own) return undefined;
  const fact = `${host} has vmfdag ${version}, and this run has vmfdag ${own}`;
  return { fact, fix: `install the same version there: npm install vmfdag@${own}` };
}
