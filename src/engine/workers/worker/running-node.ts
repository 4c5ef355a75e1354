import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { NodeMetrics } from '../metrics/node-metrics.ts';
import type { Job } from '../protocol.ts';

/** A node from its start to its end in this process. Until its commit begins, an error of anything that it started fails it. */
export interface RunningNode {
  readonly token: string;
  readonly job: Job;
  phase: 'running' | 'committing' | 'ended';
  /** Timers that the stage has started. */
  readonly timers: Set<Timer>;
  readonly metrics: NodeMetrics;
}

/** A stage may start any number of timers: ended ones are removed each time so many have been added. */
const PRUNE_AT = 1024;

interface Timer {
  readonly _destroyed: boolean;
}

const context = new AsyncLocalStorage<RunningNode>();

createHook({
  init(_id, type, _trigger, resource) {
    if (type !== 'Timeout' && type !== 'Immediate') return;
    const node = context.getStore();
    if (!node) return;
    node.timers.add(resource as Timer);
    if (node.timers.size % PRUNE_AT === 0) pendingTimers(node);
  },
}).enable();

/** Calls code of a stage. Everything that it starts, now or later, is attributed to the node. What the engine does for the node is not. */
export function inContextOf<T>(node: RunningNode, call: () => T): T {
  return context.run(node, call);
}

/** The node of the code that runs now, or whose error is handled now. */
export function currentNode(): RunningNode | undefined {
  return context.getStore();
}

/** Timers of the node that have not ended. Ended ones are removed. */
export function pendingTimers({ timers }: RunningNode): number {
  for (const timer of timers) if (timer._destroyed) timers.delete(timer);
  return timers.size;
}
