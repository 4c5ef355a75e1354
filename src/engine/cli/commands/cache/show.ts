import { printJson } from '../../process/output.ts';
import { type CacheOptions, currentState, withNodes } from './access.ts';

/** `vmfdag cache show NODE`: the record of a node, with pipeline.yaml and the code as they are now. */
export function cacheShow(pattern: string, options: CacheOptions): Promise<number> {
  return withNodes(pattern, options, (states, store) => {
    const records = states.map((state) => store.record(currentState(state).subject.key));
    printJson(records.length === 1 ? records[0] : records);
    return 0;
  });
}
