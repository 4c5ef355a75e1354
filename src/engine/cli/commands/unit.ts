import { serveMailbox, serveUnit, type UnitOptions } from '../../api/units/serve-unit.ts';
import { Failure } from '../../base/failure.ts';
import { EXIT } from '../process/exit-codes.ts';

export interface UnitCommandOptions extends UnitOptions {
  /** A folder to talk through. */
  readonly mailbox?: string;
  /** Seconds after which a mailbox without a message is given up. */
  readonly idle: number;
}

/** `vmfdag unit`: executes what a run sends. */
export async function unit(source: string | undefined, options: UnitCommandOptions): Promise<number> {
  if (options.mailbox !== undefined) await serveMailbox(options.mailbox, options.idle, options);
  else if (source === undefined) {
    throw new Failure('usage', {
      fact: 'vmfdag unit: nothing says where its messages come from',
      fix: 'vmfdag unit -',
    });
  } else {
    await serveUnit(source === '-' ? { kind: 'stream' } : { kind: 'file', name: source }, options);
  }
  return EXIT.done;
}
