/** How often a node is executed again, by the cause of its failure. */
export interface RetryPolicy {
  /** The stage failed, or its process crashed. */
  readonly failed: Retries;
  readonly timeout: Retries;
  readonly memory: Retries;
  /** Its worker or its machine was lost, through no fault of its own as far as is known. */
  readonly lost: Retries;
}

export interface Retries {
  /** Attempts after the first one. */
  readonly times: number;
  /** Each attempt gets so many times the timeout, or the memory, of the one before. */
  readonly factor: number;
}

/** The same for all causes, with nothing more for later attempts. A loss is no failure. */
export function evenRetries(times: number): RetryPolicy {
  const each = { times, factor: 1 };
  return { failed: each, timeout: each, memory: each, lost: { times: Number.POSITIVE_INFINITY, factor: 1 } };
}
