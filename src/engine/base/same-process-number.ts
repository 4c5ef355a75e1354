import { Failure } from './failure.ts';

/** The command line then restarts itself under another number; a worker waits for the reader to end. */
export class SameProcessNumber extends Failure {}
