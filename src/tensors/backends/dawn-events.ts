type Callback = (...args: unknown[]) => void;

/**
 * Runs `request`, which asks something of Dawn, and keeps the callback that processes Dawn's events.
 *
 * Dawn for Node passes it to the global `setImmediate` when an answer is outstanding, looking that function up by its name
 * each time. The callback stays valid as long as Dawn's instance, and may be called at any time.
 *
 * @returns what `request` returned, and the callback, or undefined where Dawn asked for none.
 */
export function catchEventCallback<T>(request: () => T): {
  readonly result: T;
  readonly processEvents: Callback | undefined;
} {
  let processEvents: Callback | undefined;
  const result = withSetImmediate((callback, later) => {
    processEvents = callback;
    later(callback);
  }, request);
  return { result, processEvents };
}

/**
 * Processes events until `pending` is false, without returning to Node's event loop. The owners of promises that are settled
 * meanwhile see them only afterwards.
 */
export function processEventsWhile(pending: () => boolean, processEvents: Callback): void {
  let asked = false;
  withSetImmediate(
    // Each processing asks for the next one. Queued, they would pile up by the thousand until the loop ends.
    () => {
      asked = true;
    },
    () => {
      while (pending()) {
        asked = false;
        processEvents();
      }
    },
  );
  // Something else is outstanding, and Dawn counts the next processing as queued.
  if (asked) setImmediate(processEvents);
}

function withSetImmediate<T>(
  queue: (callback: Callback, later: (callback: Callback) => void) => void,
  run: () => T,
): T {
  const original = globalThis.setImmediate;
  const replacement = (callback: Callback) => queue(callback, (later) => original(later));
  globalThis.setImmediate = replacement as typeof setImmediate;
  try {
    return run();
  } finally {
    globalThis.setImmediate = original;
  }
}
