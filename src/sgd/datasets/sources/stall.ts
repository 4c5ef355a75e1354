/** Aborts a transfer that has gone silent. A slow one may take any time. */
export interface StallWatch {
  readonly signal: AbortSignal;
  /** Rejects once the transfer has gone silent; never settles otherwise. */
  readonly stalled: Promise<never>;
  /** Something has arrived. */
  alive(): void;
  /** The transfer is over. */
  stop(): void;
  /** Nobody needs what still arrives. */
  cancel(): void;
}

export function watchForStall(milliseconds: number): StallWatch {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(
    () => controller.abort(new Error(`nothing arrived for ${milliseconds / 1000} s`)),
    milliseconds,
  );
  const stalled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // It may reject when nobody waits for it any more.
  stalled.catch(() => {});
  const stop = () => clearTimeout(timer);
  const cancel = () => {
    stop();
    controller.abort(new Error('it is not wanted any more'));
  };
  return { signal, stalled, alive: () => timer.refresh(), stop, cancel };
}
