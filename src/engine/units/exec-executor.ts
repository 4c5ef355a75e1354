import { printable } from '../base/printable.ts';
import { shellLine } from '../base/shell-word.ts';
import { Watchdog } from '../workers/watchdog.ts';
import { SlotExecutor } from './slot-executor.ts';
import type { SlotDeclaration } from './transport.ts';
import { UnitCommand } from './unit-command.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** A queue or a slow start may take long, but whoever waits wants to know for what. */
const GREETING_MS = 30_000;

/**
 * Executes jobs at the other ends of command lines, such as `ssh gpu1 vmfdag unit -`. Each slot is one of them. Bytes travel over its standard
 * input and output.
 */
export function execExecutor(
  name: string,
  command: readonly string[],
  slots: number,
  of: UnitsOfRun,
  firstWorker: number,
): SlotExecutor {
  // Nothing bears this name but what it is told to watch.
  const watchdog = new Watchdog(of.run);
  const line = printable(shellLine(command));
  const slot: SlotDeclaration = {
    executor: name,
    description: `"${line}"`,
    trial: `${line} < /dev/null`,
    patienceMs: GREETING_MS,
    open: (onFrame) => new UnitCommand(command, of.root, watchdog, onFrame),
  };
  return new SlotExecutor(slot, slots, of, firstWorker, () => watchdog.end());
}
