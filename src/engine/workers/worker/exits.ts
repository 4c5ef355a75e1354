interface ReallyExiting {
  /** What `process.exit` ends with. */
  reallyExit: (code?: number) => never;
}

// What the worker itself ends with.
const { exit, kill } = process;
const { reallyExit } = process as unknown as ReallyExiting;

/** Ends this process in order, though stages cannot. */
export function endInOrder(): never {
  (process as unknown as ReallyExiting).reallyExit = reallyExit;
  return exit.call(process, 0);
}

/**
 * Ends this process in an instant. In the middle of a commit, an orderly exit never comes to its end: Node waits for lmdb's writing thread, which
 * waits for this one, and nobody else can write to the cache as long as both do. A commit that is cut off leaves no trace.
 */
export function endAtOnce(): never {
  kill.call(process, process.pid, 'SIGKILL');
  throw new Error('this process has ended');
}

/**
 * Takes the ways to end this process away from stages.
 *
 * @param onExit is told what a stage did instead of ending the process, and does not return.
 */
export function guardExits(onExit: (what: string) => never): void {
  process.exit = (code) => onExit(`called process.exit(${code ?? ''})`);
  process.abort = () => onExit('called process.abort()');
  (process as unknown as ReallyExiting).reallyExit = (code) => onExit(`called process.reallyExit(${code ?? ''})`);
  process.kill = (pid, signal) => {
    const isItself = pid === process.pid || pid === 0 || pid === -process.pid;
    const isHeard = typeof signal === 'string' && process.listenerCount(signal) > 0;
    if (isItself && signal !== 0 && !isHeard) onExit(`sent ${signal ?? 'SIGTERM'} to its own process`);
    return kill.call(process, pid, signal);
  };
}
