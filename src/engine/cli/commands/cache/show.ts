import type { DirectoryEntry } from '../../../store/directories/manifest.ts';
import type { NodeRecord, Store } from '../../../store/store.ts';
import { printJson } from '../../process/output.ts';
import { type CacheOptions, currentState, withNodes } from './access.ts';

/** How many files of a directory are shown. */
const SHOWN = 1000;

/** `vmfdag cache show NODE`: the record of a node, with pipeline.yaml and the code as they are now. */
export function cacheShow(pattern: string, options: CacheOptions): Promise<number> {
  return withNodes(pattern, options, (states, store) => {
    const records = states.map((state) => withEntries(store.record(currentState(state).key), store));
    printJson(records.length === 1 ? records[0] : records);
    return 0;
  });
}

/** A record whose directories say what they hold, unless they were evicted. */
function withEntries(record: NodeRecord | undefined, store: Store): object | undefined {
  if (!record) return undefined;
  const outputs = Object.entries(record.outputs).map(([name, output]) => {
    const isThere = output.type === 'directory' && store.hasArtefact(output.digest);
    const entries = isThere ? store.files.entries(output.digest) : undefined;
    return [name, entries ? { ...output, entries: entries.length, first: entries.slice(0, SHOWN).map(shown) } : output];
  });
  return { ...record, outputs: Object.fromEntries(outputs) };
}

function shown(entry: DirectoryEntry): object {
  const { kind, ...rest } = entry;
  return kind === 'folder' ? { ...rest, empty: true } : rest;
}
