import { meansRun, pinOfRun, pinOfTarget } from '../../../api/cache/pin-results.ts';
import { suggestName } from '../../../base/diagnostic.ts';
import { Failure } from '../../../base/failure.ts';
import type { Pin } from '../../../store/pin.ts';
import type { Store } from '../../../store/store.ts';
import { formatBytes, formatCount, formatTable } from '../../../views/terminal/format.ts';
import { openProject } from '../../options/project-options.ts';
import { EXIT } from '../../process/exit-codes.ts';
import { line, printJson } from '../../process/output.ts';
import { type CacheOptions, withCache } from './access.ts';

export interface PinOptions extends CacheOptions {
  readonly name?: string;
}

/** `vmfdag cache pin RUN|TARGET`: no collection removes its results from now on. */
export function cachePin(what: string, options: PinOptions): Promise<number> {
  return withCache(options, async (store) => {
    const pin = meansRun(what, store.runs())
      ? pinOfRun(what, options.name, store)
      : await pinOfTarget(what, options.name, openProject(options), store);
    await store.putPin(pin);
    if (options.json) printJson([pinJson(pin, store)]);
    else line(`pinned ${pin.name}: ${describe(pin, store)}`);
    return EXIT.done;
  });
}

/** `vmfdag cache unpin NAME`: removes a pin. Its results stay until a collection finds that nothing else needs them. */
export function cacheUnpin(name: string, options: CacheOptions): Promise<number> {
  return withCache(options, async (store) => {
    const pins = store.pins();
    const pin = pins.find((each) => each.name === name);
    if (!pin) {
      const names = pins.map((each) => each.name);
      throw new Failure('usage', {
        fact: `there is no pin "${name}"`,
        fix: names.length > 0 ? suggestName(name, names) : 'nothing is pinned: see "vmfdag cache pin --help"',
      });
    }
    await store.removePin(name);
    if (options.json) printJson([pinJson(pin, store)]);
    else line(`unpinned ${name}; its results stay until "vmfdag cache gc" finds that nothing else needs them`);
    return EXIT.done;
  });
}

/** `vmfdag cache pins`: what is pinned, oldest first. */
export function cachePins(options: CacheOptions): Promise<number> {
  return withCache(options, (store) => {
    const pins = store.pins();
    if (options.json) {
      printJson(pins.map((pin) => pinJson(pin, store)));
      return EXIT.done;
    }
    const rows = pins.map((pin) => {
      const { records, bytes } = sizesOf(pin, store);
      return [pin.name, pin.since.slice(0, 19), nameOf(pin), String(records), formatBytes(bytes)];
    });
    if (rows.length > 0) line(formatTable([['pin', 'since', 'of', 'records', 'size'], ...rows], [3, 4]));
    else line('nothing is pinned');
    return EXIT.done;
  });
}

function describe(pin: Pin, store: Store): string {
  const { records, bytes } = sizesOf(pin, store);
  return `${formatCount(records, 'record')}, and ${formatBytes(bytes)} that it publishes`;
}

function nameOf({ of }: Pin): string {
  return of.kind === 'run' ? `run ${of.run}` : `target ${of.target}`;
}

/** Sizes of what is left of it: damaged results may have been removed. */
function sizesOf({ keys, artefacts }: Pin, store: Store): { readonly records: number; readonly bytes: number } {
  const published = new Set<string>(artefacts);
  const sizes = new Map<string, number>();
  let records = 0;
  for (const key of keys) {
    const record = store.record(key);
    if (!record) continue;
    records++;
    for (const { digest, bytes } of Object.values(record.outputs)) {
      if (published.has(digest) && store.hasArtefact(digest)) sizes.set(digest, bytes);
    }
  }
  return { records, bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

function pinJson(pin: Pin, store: Store): object {
  const { name, of, since } = pin;
  return { name, of, since, ...sizesOf(pin, store) };
}
