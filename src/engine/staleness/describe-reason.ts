import { describeChange } from '../base/describe-value.ts';
import { shortDigest } from '../base/digest.ts';
import { shortIdentity } from '../environments/environments.ts';
import type { SoftwareChange } from '../keys/software/software-changes.ts';
import type { ComputeIdentity } from '../stage/stage.ts';
import { type Change, changes } from './changes.ts';
import { describeCompute } from './describe-compute.ts';
import { describeFiles } from './describe-files.ts';
import type { InputChange } from './input-changes.ts';
import type { StartReason } from './work.ts';

/** One line that says why a node runs: `params: batchSize 64 → 32`. */
export function describeReason(reason: StartReason): string {
  switch (reason.rule) {
    case 'forced':
      return 'forced';
    case 'software':
      return describeSoftware(reason.changes);
    case 'never run':
      return 'never run';
    case 'metrics':
      return `its record has no value of ${reason.missing.join(', ')}`;
    case 'quarantined':
      return 'its bytes were damaged';
    case 'failed':
      return `it failed in run ${reason.run}, and has never finished`;
    case 'lost':
      return 'its record was removed from the cache';
    case 'code':
      return `code ${shortDigest(reason.old)} → ${shortDigest(reason.new)}`;
    case 'params':
      return `params: ${describeChanges(reason.changes)}`;
    case 'coordinates':
      return `coordinates: ${describeChanges(reason.changes)}`;
    case 'inputs':
      return `inputs: ${reason.changes.map(describeInput).join(', ')}`;
    case 'variables':
      return `variables: ${describeChanges(reason.changes)}`;
    case 'engine':
      return `JavaScript engine: ${reason.old} → ${reason.new}`;
    case 'compute':
      return `compute: ${computeOrNone(reason.old)} → ${computeOrNone(reason.new)}`;
    case 'environment':
      return `environment: ${environmentOrNone(reason.old)} → ${environmentOrNone(reason.new)}`;
    case 'gpus':
      return `GPUs: ${reason.old ?? 'not asked for'} → ${reason.new ?? 'not asked for'}`;
    case 'outputs':
      return `outputs: ${describeChanges(reason.changes)}`;
    case 'schema':
      return 'its record is of another version of vmfdag';
    case 'bytes':
      return reason.neededBy === undefined
        ? 'its bytes are not in the cache, and a target publishes them'
        : `its bytes are not in the cache, and ${reason.neededBy} needs them`;
    case 'source':
      return reason.neededBy === undefined ? 'a target publishes it' : `${reason.neededBy} reads it`;
    case 'audit':
      return 'audit';
  }
}

/** In the order of what is most likely to have caused the rest. */
const SOFTWARE = [
  ['package', 'an installed package that it imported has changed', 'installed packages that it imported have changed'],
  ['program', 'a program that it used has changed', 'programs that it used have changed'],
  [
    'setting',
    'what decides which Python starts, or what it finds, has changed',
    'what decides which Python starts, or what it finds, has changed',
  ],
  ['library', 'a library that it loaded has changed', 'libraries that it loaded have changed'],
  ['module', 'a module that it looked for has changed', 'modules that it looked for have changed'],
] as const;

function describeSoftware(changes: readonly SoftwareChange[] | null): string {
  if (!changes) return 'the software that it was made with is not in the cache any more';
  for (const [kind, one, many] of SOFTWARE) {
    const found = changes.filter((each) => each.kind === kind);
    if (found.length === 0) continue;
    const shown = found.slice(0, 3).map(({ name, old, new: now }) => `${name} ${old} → ${now}`);
    const rest = found.length - shown.length;
    return `${found.length === 1 ? one : many}: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  }
  return 'the software that it used has changed';
}

function describeChanges(changes: readonly Change[]): string {
  const shown = changes.slice(0, 3).map((change) => `${change.path} ${describeChange(change.old, change.new)}`);
  const rest = changes.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

function describeInput({ input, old, new: now, files, coordinates }: InputChange): string {
  if (files) return `${input}: ${describeFiles(files)}`;
  if (coordinates) return `${input} ${describeRearranged(coordinates)}`;
  if (old.length === 0) return `${input} is new`;
  if (now.length === 0) return `${input} is no longer there`;
  if (old.length === 1 && now.length === 1) return `${input} ${old[0]?.slice(0, 12)} → ${now[0]?.slice(0, 12)}`;
  if (old.length !== now.length) return `${input} has ${now.length} items, had ${old.length}`;
  return `${input}: ${now.filter((digest, index) => digest !== null && digest !== old[index]).length} of ${now.length} items changed`;
}

/** For an input that has the same bytes as before. */
function describeRearranged({ old, new: now }: NonNullable<InputChange['coordinates']>): string {
  if (!old) return 'is gathered, and was the output of one node';
  if (!now) return 'is the output of one node, and was gathered';
  const first = old.findIndex((each, index) => changes(each, now[index]).length > 0);
  return `has other coordinates: ${describeChanges(changes(old[first], now[first]))}`;
}

function environmentOrNone(identity: string | null): string {
  return identity === null ? 'none' : shortIdentity(identity);
}

function computeOrNone(compute: ComputeIdentity | null): string {
  return compute ? describeCompute(compute) : 'none';
}
