import { setImmediate as turn } from 'node:timers/promises';
import { ChildProcesses } from './child-processes.ts';
import { GlobalState } from './global-state.ts';
import { ProcessListeners } from './process-listeners.ts';
import { pendingTimers, type RunningNode } from './running-node.ts';

/** How long to wait for what is about to end: starting another worker takes longer. */
const GRACE_MS = 10;

/** The channel to the parent. */
const OWN_PIPES = 1;

/** Kept before a stage is loaded, which may replace it. */
const activeResources = process.getActiveResourcesInfo.bind(process);

/** Finds what a node left behind in this process that would affect the next one. */
export class Leftovers {
  // Its wrappers are part of the state that the others compare with.
  private readonly children = new ChildProcesses();
  private readonly globals = new GlobalState();
  private readonly listeners = new ProcessListeners();

  /**
   * What a node left behind, in words, and only a part of a long list.
   *
   * @param text the code of the stage. State that it does not name belongs to installed packages.
   */
  async of(node: RunningNode, text: () => string): Promise<readonly string[]> {
    const state = this.stateOf(text);
    if (state.length > 0) return state;
    for (const started = performance.now(); ; await turn()) {
      const work = this.workOf(node);
      if (work.length === 0 || performance.now() - started > GRACE_MS) return work;
    }
  }

  /** What would go on during the next node. */
  private workOf(node: RunningNode): readonly string[] {
    const found = pendingTimers(node) > 0 ? ['a timer'] : [];
    let pipes = 0;
    for (const type of activeResources()) {
      // Timers are attributed to their node: the store has some of its own.
      if (type === 'Timeout' || type === 'Immediate') continue;
      if (type === 'PipeWrap' && ++pipes <= OWN_PIPES) continue;
      found.push(type);
    }
    if (this.children.areAlive()) found.push('a process');
    return found;
  }

  private stateOf(text: () => string): readonly string[] {
    const changes = this.globals
      .changes()
      .filter(({ kind, name }) => kind === 'changed' || text().includes(name))
      .map(({ name }) => name);
    return [...changes, ...this.listeners.added(text)];
  }
}
