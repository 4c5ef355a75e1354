import { createReadStream } from 'node:fs';
import { serveUnit, type UnitOptions } from '../../api/units/serve-unit.ts';
import { EXIT } from '../process/exit-codes.ts';

/** `vmfdag unit`: executes what a run sends. */
export async function unit(source: string, options: UnitOptions): Promise<number> {
  const isFile = source !== '-';
  await serveUnit(isFile ? createReadStream(source) : process.stdin, isFile, options);
  return EXIT.done;
}
