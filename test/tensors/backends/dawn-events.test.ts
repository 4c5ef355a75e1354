import { describe, expect, it } from 'vitest';
import { catchEventCallback, processEventsWhile } from '../../../src/tensors/backends/dawn-events.ts';

/** Asks for its events as Dawn for Node does: by the global setImmediate, once at a time, while something is outstanding. */
class Dawn {
  readonly #answers: { turns: number; settle: () => void }[] = [];
  #queued = false;
  processed = 0;

  /** Settled when events have been processed so many times. */
  ask(turns: number, settle: () => void): void {
    this.#answers.push({ turns, settle });
    this.#queue();
  }

  #queue(): void {
    if (this.#queued || this.#answers.length === 0) return;
    this.#queued = true;
    setImmediate(() => this.#process());
  }

  #process(): void {
    this.#queued = false;
    this.processed++;
    for (const answer of [...this.#answers]) {
      if (--answer.turns > 0) continue;
      this.#answers.splice(this.#answers.indexOf(answer), 1);
      answer.settle();
    }
    this.#queue();
  }
}

function caught(dawn: Dawn): () => void {
  const { processEvents } = catchEventCallback(() => dawn.ask(1, () => {}));
  if (processEvents === undefined) throw new Error('nothing was caught');
  return processEvents;
}

const turns = (count: number): Promise<void> =>
  count === 0 ? Promise.resolve() : new Promise((resolve) => setImmediate(() => resolve(turns(count - 1))));

describe('the events of Dawn', () => {
  it('are processed without Node’s event loop', () => {
    const dawn = new Dawn();
    const processEvents = caught(dawn);
    let done = false;
    dawn.ask(1000, () => {
      done = true;
    });
    processEventsWhile(() => !done, processEvents);
    expect(done).toBe(true);
  });

  it('go on to be processed by the event loop, for what is outstanding afterwards', async () => {
    const dawn = new Dawn();
    const processEvents = caught(dawn);
    const settled: string[] = [];
    dawn.ask(8, () => settled.push('outstanding'));
    dawn.ask(5, () => settled.push('at once'));
    processEventsWhile(() => settled.length === 0, processEvents);
    expect(settled).toEqual(['at once']);
    await turns(10);
    expect(settled).toEqual(['at once', 'outstanding']);
  });

  it('are no longer processed when all is settled, and setImmediate is restored', async () => {
    const original = setImmediate;
    const dawn = new Dawn();
    const processEvents = caught(dawn);
    let done = false;
    dawn.ask(1000, () => {
      done = true;
    });
    processEventsWhile(() => !done, processEvents);
    expect(setImmediate).toBe(original);
    const { processed } = dawn;
    await turns(10);
    // Only what was queued before.
    expect(dawn.processed - processed).toBeLessThanOrEqual(1);
  });

  it('put setImmediate back when a request fails', () => {
    const original = setImmediate;
    const refuse = () => {
      throw new Error('lost');
    };
    expect(() => catchEventCallback(refuse)).toThrow('lost');
    expect(() => processEventsWhile(() => true, refuse)).toThrow('lost');
    expect(setImmediate).toBe(original);
  });

  it('are not processed for a request that is answered at once', () => {
    expect(catchEventCallback(() => 'adapter')).toEqual({ result: 'adapter', processEvents: undefined });
  });
});
