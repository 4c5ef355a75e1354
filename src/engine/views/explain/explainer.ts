import { renderDiagnostic } from '../../base/diagnostic.ts';
import { shortDigest } from '../../base/digest.ts';
import { printableName } from '../../base/printable.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { describeCut } from '../../staleness/cut.ts';
import { earlierOf, type RuleStep, walk } from '../../staleness/judge.ts';
import type { StaleReason } from '../../staleness/stale-reason.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import { type NodeState, sourcesIn } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { unifiedDiff } from '../code/code-changes.ts';
import { failureLines, logLines } from '../runs/failure-lines.ts';
import { commandJson } from './command-json.ts';
import { commandLines, type SeenOfCommand } from './command-lines.ts';
import { lastFailureOf } from './last-failure.ts';
import { ownDifference } from './own-difference.ts';
import { recordLines } from './record-lines.ts';
import { placeOfSource, rootCause } from './root-cause.ts';
import { StaleDescriber } from './stale-describer.ts';
import { stateJson } from './state-json.ts';

/** How many steps at either end of a long path to the root cause are named. */
const STEPS_SHOWN = 3;

/** How many lines of a failed node's log are shown. */
const LOG_SHOWN = 200;

/** Says by which rules a node runs or not, down to the root cause. */
export class Explainer {
  private readonly request: RunRequest;
  private readonly states: readonly NodeState[];
  private readonly store: Store;
  private readonly describer: StaleDescriber;
  private readonly showDiff: boolean;

  constructor(request: RunRequest, states: readonly NodeState[], store: Store, showDiff: boolean) {
    this.request = request;
    this.states = states;
    this.store = store;
    this.describer = new StaleDescriber(store);
    this.showDiff = showDiff;
  }

  async lines(state: NodeState): Promise<readonly string[]> {
    if (state.state === 'waiting') return this.waitingLines(state);
    if (state.state === 'cutShort') return [`${state.node.id} is cut short: ${describeCut(state.cut)}`];
    const { node, subject } = state;
    const isCurrent = state.state === 'current';
    const rules: string[] = [];
    for (const step of walk(subject, this.store)) rules.push(`  ${await this.ruleLine(step)}`);
    const record = isCurrent ? this.store.record(subject.key) : undefined;
    return [
      `${node.id} ${isCurrent ? 'is up to date' : `will run: ${await this.describer.describe(state.reason)}`}`,
      ...rules,
      `  key ${shortDigest(subject.key)}, code ${shortDigest(subject.code)}`,
      ...commandLines(
        node.stage,
        this.store.bundles.code(subject.code),
        this.seenOf(state),
        subject.surroundings.environment,
      ).map((text) => `  ${text}`),
      ...this.failureLines(node),
      ...(record ? recordLines(record).map((text) => `  ${text}`) : []),
      ...(isCurrent
        ? this.showDiff
          ? ['  its code is the code that made it']
          : []
        : [...(await this.causeLines(node, state.reason)).map((text) => `  ${text}`), ...(await this.diffLines(node))]),
    ];
  }

  /** The state with its rules, what changed in the code, the path to the root cause and the record. */
  async json(state: NodeState): Promise<object> {
    const failure = lastFailureOf(state.node, this.store);
    const command = this.command(state.node);
    const document = { ...stateJson(state), ...(command ? { command } : {}), ...(failure ? { failure } : {}) };
    if (state.state === 'cutShort') return { ...document, rules: [] };
    if (state.state === 'waiting') {
      return {
        ...document,
        rules: [],
        reason: ownDifference(state.node, this.request, this.states, this.store) ?? null,
      };
    }
    const rules = walk(state.subject, this.store).map((step) =>
      step.verdict ? { name: step.name, decides: true } : { name: step.name, decides: false, found: step.found },
    );
    if (state.state === 'current') {
      const made = this.store.record(state.subject.key);
      if (!made) return { ...document, rules, record: null };
      const { log: _log, ...record } = made;
      return { ...document, rules, record };
    }
    const causes = rootCause(state.node, state.reason, this.states, this.store);
    const changed = [state.reason, causes.at(-1)?.reason].find((reason) => reason?.rule === 'code');
    return {
      ...document,
      rules,
      causes: causes.map(({ node, ...step }) => ({ node: node.id, ...step })),
      ...(changed?.rule === 'code' ? { code: await this.describer.code(changed) } : {}),
    };
  }

  private async waitingLines({ node, on }: Extract<NodeState, { state: 'waiting' }>): Promise<readonly string[]> {
    const own = ownDifference(node, this.request, this.states, this.store);
    const cause = this.states[on.index];
    return [
      ...(own
        ? [
            `${node.id} will run once ${on.id} has: ${await this.describer.describe(own)}`,
            ...(await this.diffLines(node)),
          ]
        : [`${node.id} waits for ${on.id}: if that gives the same bytes as before, nothing downstream of it runs`]),
      ...this.failureLines(node),
      ...(cause ? await this.lines(cause) : []),
    ];
  }

  private command(node: PlanNode): object | undefined {
    const { fingerprints, environments } = this.request;
    const code = fingerprints.get(node.stage);
    const inputs = node.inputs.map((input) =>
      input.kind === 'one' ? input : { ...input, sources: sourcesIn(this.states, input) },
    );
    return commandJson({ ...node, inputs }, code && this.store.bundles.code(code), environments?.get(node.stage));
  }

  /** What was seen of the node's programs, when they ran the last time. */
  private seenOf({ node }: NodeState): SeenOfCommand | undefined {
    const earlier = earlierOf(node, this.store);
    if (earlier.kind !== 'recorded') return undefined;
    const { reads, software } = earlier.record;
    return { reads, software: software === undefined ? undefined : this.store.software(software) };
  }

  /** How the node's last attempt failed, if it did. */
  private failureLines(node: PlanNode): readonly string[] {
    const last = lastFailureOf(node, this.store);
    if (!last) return [];
    const { run, startedAt, diagnostic } = last;
    const failure = this.store.failures(run, node.id).at(-1);
    const told = failure ? failureLines(failure) : renderDiagnostic(diagnostic).split('\n');
    const log = failure ? logLines(failure.log, LOG_SHOWN) : [];
    return [
      `  its last attempt failed, at ${startedAt} in run ${run}:`,
      ...told.map((text) => `    ${text}`),
      ...(log.length > 0 ? ['  its log:', ...log.map((text) => `    ${text}`)] : []),
      ...(failure ? [`  "vmfdag history show ${run} ${node.id}" shows all attempts`] : []),
    ];
  }

  private async ruleLine(step: RuleStep): Promise<string> {
    if (!step.verdict) return `·  ${step.question} ${step.found}`;
    if (step.verdict.status === 'current') return `✓  ${step.question} yes`;
    return `✗  ${step.question} ${await this.describer.describe(step.verdict.reason)}`;
  }

  private async causeLines(node: PlanNode, reason: StaleReason): Promise<readonly string[]> {
    const steps = rootCause(node, reason, this.states, this.store);
    const lines: string[] = [];
    for (const [index, { node, input, reason }] of steps.entries()) {
      const hidden = steps.length - 2 * STEPS_SHOWN;
      if (hidden > 1 && index === STEPS_SHOWN) lines.push(`… ${hidden} more steps of this kind …`);
      if (hidden > 1 && index >= STEPS_SHOWN && index < steps.length - STEPS_SHOWN) continue;
      lines.push(
        `because ${input} comes from ${node.id}, which gave other bytes: ${await this.describer.describe(reason)}`,
      );
    }
    const last = steps.at(-1) ?? { node, reason };
    const source = placeOfSource(last.node, last.reason, this.states);
    return source ? [...lines, `because ${source.input} is read from ${printableName(source.place)}`] : lines;
  }

  /** The present code compared with that of the last time, whatever else differs. */
  private async diffLines(node: PlanNode): Promise<readonly string[]> {
    if (!this.showDiff) return [];
    const [earlier, now] = [earlierOf(node, this.store), this.request.fingerprints.get(node.stage)];
    if (earlier.kind !== 'recorded' || !now) return ['  there is no record to compare its code with'];
    const { code } = earlier.record;
    if (code === now) return ['  its code is the code that made it the last time'];
    const text = unifiedDiff(await this.describer.code({ old: code, new: now }));
    return [text === '' ? '  there is no difference of code to show' : `\n${text}`];
  }
}
