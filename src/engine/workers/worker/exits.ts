interface ReallyExiting {
  /** What `process.exit` calls in the end. */
  reallyExit: (code?: number) => never;
}

// The worker itself uses these to end.
const { exit, kill } = process;
const { reallyExit } = process as unknown as ReallyExiting;

/** Ends this process in order, though stages cannot. */
export function endInOrder(): never {
  (process as unknown as ReallyExiting).reallyExit = reallyExit;
  return exit.call(process, 0);
}

/**
 * Ends this process at once. In mid-commit, an orderly exit would never finish: Node waits for lmdb's writing thread, and that
 * thread waits for this one. Meanwhile nobody else can write to the cache. A commit that is cut off leaves no trace.
 */
export function endAtOnce(): never {
  kill.call(process, process.pid, 'SIGKILL');
  throw new Error('this process has ended');
}

/**
 * Keeps stages from ending this process.
 *
 * @param onExit is told what a stage did instead of ending the process, and does not return
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
