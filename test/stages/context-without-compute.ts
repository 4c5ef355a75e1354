import type { StageContext } from '../../src/engine/stage/index.ts';

/** A context for a stage that asks for no compute backend: reading `compute` throws, as it does in the worker. */
export function contextWithoutCompute<Params, Inputs>(params: Params, inputs: Inputs): StageContext<Params, Inputs> {
  return {
    params,
    inputs,
    coordinates: {},
    get compute(): never {
      throw new Error('this stage has no compute identity');
    },
    get scratch(): never {
      throw new Error('this stage has no folder');
    },
    log: () => {},
    progress: () => {},
    metric: () => {},
  };
}
