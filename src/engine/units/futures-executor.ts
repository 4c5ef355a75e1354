import { printable } from '../base/printable.ts';
import type { FuturesWay } from '../pipeline/executors/read-executors.ts';
import { FuturesEngine, trialOf } from './futures-engine.ts';
import { SlotExecutor } from './slot-executor.ts';
import type { SlotDeclaration } from './transport.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** An engine may wait for a pilot in a queue. */
const GREETING_MS = 60_000;

/** Executes jobs in units that an engine of Python futures starts: Parsl, Ray, Dask or another one. */
export function futuresExecutor(
  name: string,
  way: FuturesWay,
  slots: number,
  of: UnitsOfRun,
  firstWorker: number,
): SlotExecutor {
  const engine = new FuturesEngine(name, way, slots, of.root, way.command ?? of.unitCommand);
  const slot: SlotDeclaration = {
    executor: name,
    description: `a unit of ${way.factory}`,
    trial: printable(trialOf(way)),
    patienceMs: GREETING_MS,
    open: (onFrame) => engine.openSlot(onFrame),
  };
  return new SlotExecutor(slot, slots, of, firstWorker, () => engine.end());
}
