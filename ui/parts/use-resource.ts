import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Parameters, type RequestFailed } from '../data/server.ts';

/** A document of the server. While it is asked for again, the one before stays: nothing that one reads disappears. */
export interface Resource<T> {
  readonly value: T | undefined;
  readonly problem: RequestFailed | undefined;
  /** Asks for it again, at most once in `PAUSE_MS`. */
  readonly reload: () => void;
}

const PAUSE_MS = 1000;

/**
 * Asks the server for a document, and again when its address or the version changes.
 * @param path undefined: there is nothing to ask for yet
 * @param version whatever makes the answer out of date
 */
export function useResource<T>(path: string | undefined, parameters: Parameters, version?: unknown): Resource<T> {
  const address = path === undefined ? undefined : JSON.stringify([path, parameters]);
  const [state, setState] = useState<{ address: string | undefined; value?: T; problem?: RequestFailed }>({ address });
  const [round, setRound] = useState(0);
  const timer = useRef<number | undefined>(undefined);
  // The address stands for path and parameters; version and round ask again.
  useEffect(() => {
    if (path === undefined) return;
    const controller = new AbortController();
    ask<T>(path, parameters, controller.signal).then(
      (value) => setState({ address, value }),
      (problem: RequestFailed) => {
        if (controller.signal.aborted) return;
        setState((before) =>
          before.address === address && before.value !== undefined ? { ...before, problem } : { address, problem },
        );
      },
    );
    return () => controller.abort();
  }, [address, version, round]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const reload = useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      setRound((before) => before + 1);
    }, PAUSE_MS);
  }, []);
  const isCurrent = state.address === address;
  return { value: isCurrent ? state.value : undefined, problem: isCurrent ? state.problem : undefined, reload };
}
