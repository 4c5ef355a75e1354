import { type ArtefactDigest, shortDigest } from '../../base/digest.ts';
import { describeCut } from '../../staleness/cut.ts';
import { type NodeState, outputOf } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import type { FileOrigin } from './file-origin.ts';
import { StaleDescriber } from './stale-describer.ts';

/** What the pipeline, as it is now, says about a file's bytes. */
export type Standing =
  /** `archived`: the records are those of an archive, which knows no present pipeline. */
  | { readonly state: 'up to date' | 'no such node' | 'archived' }
  | { readonly state: 'other bytes'; readonly now: ArtefactDigest | null }
  | { readonly state: 'stale'; readonly reason: string }
  | { readonly state: 'waiting'; readonly on: string }
  | { readonly state: 'cutShort'; readonly why: string };

/** @param state of the node that made the file; undefined where the pipeline has no such node, or no longer has it */
export async function standingOf(
  { written, output, digest }: FileOrigin,
  state: NodeState | undefined,
  store: Store,
): Promise<Standing> {
  if (!state) return { state: 'no such node' };
  switch (state.state) {
    case 'stale':
      return { state: 'stale', reason: await new StaleDescriber(store).describe(state.reason) };
    case 'waiting':
      return { state: 'waiting', on: state.on.id };
    case 'cutShort':
      return { state: 'cutShort', why: describeCut(state.cut) };
    case 'current': {
      const now = outputOf(state, output ?? written?.output ?? '');
      return now === digest ? { state: 'up to date' } : { state: 'other bytes', now: now ?? null };
    }
  }
}

export function standingText(standing: Standing): string {
  switch (standing.state) {
    case 'up to date':
      return 'up to date: it is what the pipeline gives now';
    case 'other bytes':
      return `not up to date: the pipeline gives other bytes now${standing.now ? ` (${shortDigest(standing.now)})` : ''}`;
    case 'stale':
      return `not up to date: its node will run: ${standing.reason}`;
    case 'waiting':
      return `not known to be up to date: its node waits for ${standing.on}`;
    case 'cutShort':
      return `not what the pipeline gives now: its node is cut short: ${standing.why}`;
    case 'archived':
      return 'as this archive keeps it; whether a pipeline still gives it is not known here';
    case 'no such node':
      return 'not part of the pipeline any more: it has no such node';
  }
}
