import { describeCut } from '../../staleness/cut.ts';
import { earlierOf, walk } from '../../staleness/judge.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { unifiedDiff } from '../code/code-changes.ts';
import { ownDifference } from '../explain/own-difference.ts';
import { rootCause } from '../explain/root-cause.ts';
import { StaleDescriber } from '../explain/stale-describer.ts';
import type { WhyPage } from './protocol.ts';

const LONGEST_DIFF = 200_000;

/** Why a node runs or does not, by the rules that a run decides by. */
export async function whyPage(
  state: NodeState,
  states: readonly NodeState[],
  request: RunRequest,
  store: Store,
): Promise<WhyPage> {
  const { node } = state;
  const describer = new StaleDescriber(store);
  const diff = await diffOf(state, request, describer, store);
  if (state.state === 'waiting') {
    const own = ownDifference(node, request, states, store);
    const summary = own
      ? `will run once ${state.on.id} has: ${await describer.describe(own)}`
      : `waits for ${state.on.id}: if that gives the same bytes as before, nothing downstream of it runs`;
    return { node: node.id, state: 'waiting', summary, rules: [], causes: [], diff };
  }
  if (state.state === 'cutShort') {
    return {
      node: node.id,
      state: 'cutShort',
      summary: `is cut short: ${describeCut(state.cut)}`,
      rules: [],
      causes: [],
      diff,
    };
  }
  const rules: WhyPage['rules'][number][] = [];
  for (const { name, question, verdict, ...step } of walk(state.subject, store)) {
    const found = 'found' in step ? step.found : '';
    const decided = verdict?.status === 'current' ? 'yes' : verdict ? await describer.describe(verdict.reason) : found;
    rules.push({ name, decides: verdict !== undefined, text: `${question} ${decided}` });
  }
  if (state.state === 'current') {
    return { node: node.id, state: 'current', summary: 'is up to date', rules, causes: [], diff };
  }
  const causes: WhyPage['causes'][number][] = [];
  for (const { node: cause, input, reason } of rootCause(node, state.reason, states, store)) {
    causes.push({ node: cause.id, input, text: await describer.describe(reason) });
  }
  return {
    node: node.id,
    state: 'stale',
    summary: `will run: ${await describer.describe(state.reason)}`,
    rules,
    causes,
    diff,
  };
}

/** The present code compared with that of the last time. */
async function diffOf(
  { node }: NodeState,
  { fingerprints }: RunRequest,
  describer: StaleDescriber,
  store: Store,
): Promise<string | null> {
  const [earlier, now] = [earlierOf(node, store), fingerprints.get(node.stage)];
  if (earlier.kind !== 'recorded' || !now || earlier.record.code === now) return null;
  const text = unifiedDiff(await describer.code({ old: earlier.record.code, new: now }));
  return text === '' ? null : text.slice(0, LONGEST_DIFF);
}
