import { renderDiagnostic } from '../../base/diagnostic.ts';
import { shortDigest } from '../../base/digest.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { earlierOf, type RuleStep, walk } from '../../staleness/judge.ts';
import type { RunRequest } from '../../staleness/subjects.ts';
import { type NodeState, statesOfTargets, survey } from '../../staleness/survey.ts';
import { openStore } from '../../store/lmdb/lmdb-store.ts';
import type { Store } from '../../store/store.ts';
import { unifiedDiff } from '../../views/code/code-changes.ts';
import { lastFailureOf } from '../../views/explain/last-failure.ts';
import { ownDifference } from '../../views/explain/own-difference.ts';
import { recordLines } from '../../views/explain/record-lines.ts';
import { type CauseStep, rootCause } from '../../views/explain/root-cause.ts';
import { StaleDescriber } from '../../views/explain/stale-describer.ts';
import { failureLines, logLines } from '../../views/runs/failure-lines.ts';
import { line, printJson } from '../output.ts';
import { openProject, type ProjectOptions, prepareRequest } from '../project.ts';
import { explainFile, namesFile } from './explain-file.ts';
import { stateJson } from './planned-work.ts';

export interface ExplainOptions extends ProjectOptions {
  readonly diff?: boolean;
  readonly json?: boolean;
}

/** `vmfdag explain NODE`: the rules that decide whether a node runs, with their verdicts, down to the root cause; for a file, where it comes from. */
export async function explain(pattern: string, options: ExplainOptions): Promise<number> {
  const project = openProject(options);
  const store = openStore(project.cacheDirectory);
  try {
    if (namesFile(pattern, project.pipeline)) return await explainFile(pattern, project, store, options.json === true);
    const request = await prepareRequest(project, store, [pattern]);
    const explainer = new Explainer(request, store, options.diff === true);
    const explained = statesOfTargets(request, explainer.states);
    if (options.json) {
      const documents = [];
      for (const state of explained) documents.push(await explainer.json(state));
      printJson(documents);
      return 0;
    }
    for (const [index, state] of explained.entries()) {
      if (index > 0) line('');
      await explainer.print(state);
    }
    return 0;
  } finally {
    await store.close();
  }
}

/** How many steps at either end of a long path to the root cause are named. */
const STEPS_SHOWN = 3;

/** How many lines of a failed node's log are shown. */
const LOG_SHOWN = 200;

class Explainer {
  readonly states: readonly NodeState[];
  private readonly request: RunRequest;
  private readonly store: Store;
  private readonly describer: StaleDescriber;
  private readonly showDiff: boolean;

  constructor(request: RunRequest, store: Store, showDiff: boolean) {
    this.states = survey(request, store);
    this.request = request;
    this.store = store;
    this.describer = new StaleDescriber(store);
    this.showDiff = showDiff;
  }

  async print(state: NodeState): Promise<void> {
    if (state.state === 'waiting') {
      await this.printWaiting(state);
      return;
    }
    const isCurrent = state.state === 'current';
    line(
      `${state.node.id} ${isCurrent ? 'is up to date' : `will run: ${await this.describer.describe(state.reason)}`}`,
    );
    for (const step of walk(state.subject, this.store)) line(`  ${await this.ruleLine(step)}`);
    line(`  key ${shortDigest(state.subject.key)}, code ${shortDigest(state.subject.code)}`);
    this.printFailure(state.node);
    if (isCurrent) {
      const record = this.store.record(state.subject.key);
      if (record) for (const text of recordLines(record)) line(`  ${text}`);
      if (this.showDiff) line('  its code is the code that made it');
    } else {
      for (const text of await this.causeLines(rootCause(state.node, state.reason, this.states, this.store)))
        line(`  ${text}`);
      await this.printDiff(state.node);
    }
  }

  /** The state with its rules, what changed in the code, the path to the root cause and the record. */
  async json(state: NodeState): Promise<object> {
    const failure = lastFailureOf(state.node, this.store);
    const document = { ...stateJson(state), ...(failure ? { failure } : {}) };
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

  private async printWaiting({ node, on }: Extract<NodeState, { state: 'waiting' }>): Promise<void> {
    const own = ownDifference(node, this.request, this.states, this.store);
    if (own) {
      line(`${node.id} will run once ${on.id} has: ${await this.describer.describe(own)}`);
      await this.printDiff(node);
    } else {
      line(`${node.id} waits for ${on.id}: if that gives the same bytes as before, nothing downstream of it runs`);
    }
    this.printFailure(node);
    const cause = this.states[on.index];
    if (cause) await this.print(cause);
  }

  /** How the node's last attempt failed, if it did. */
  private printFailure(node: PlanNode): void {
    const last = lastFailureOf(node, this.store);
    if (!last) return;
    const { run, startedAt, diagnostic } = last;
    line(`  its last attempt failed, at ${startedAt} in run ${run}:`);
    const failure = this.store.failures(run, node.id).at(-1);
    const told = failure ? failureLines(failure) : renderDiagnostic(diagnostic).split('\n');
    for (const text of told) line(`    ${text}`);
    const log = failure ? logLines(failure.log, LOG_SHOWN) : [];
    if (log.length > 0) line('  its log:');
    for (const text of log) line(`    ${text}`);
    if (failure) line(`  "vmfdag history show ${run} ${node.id}" shows all attempts`);
  }

  private async ruleLine(step: RuleStep): Promise<string> {
    if (!step.verdict) return `·  ${step.question} ${step.found}`;
    if (step.verdict.status === 'current') return `✓  ${step.question} yes`;
    return `✗  ${step.question} ${await this.describer.describe(step.verdict.reason)}`;
  }

  private async causeLines(steps: readonly CauseStep[]): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const [index, { node, input, reason }] of steps.entries()) {
      const hidden = steps.length - 2 * STEPS_SHOWN;
      if (hidden > 1 && index === STEPS_SHOWN) lines.push(`… ${hidden} more steps of this kind …`);
      if (hidden > 1 && index >= STEPS_SHOWN && index < steps.length - STEPS_SHOWN) continue;
      lines.push(
        `because ${input} comes from ${node.id}, which gave other bytes: ${await this.describer.describe(reason)}`,
      );
    }
    return lines;
  }

  /** The present code compared with that of the last time, whatever else differs. */
  private async printDiff(node: PlanNode): Promise<void> {
    if (!this.showDiff) return;
    const [earlier, now] = [earlierOf(node, this.store), this.request.fingerprints.get(node.stage)];
    if (earlier.kind !== 'recorded' || !now) {
      line('  there is no record to compare its code with');
    } else if (earlier.record.code === now) {
      line('  its code is the code that made it the last time');
    } else {
      const text = unifiedDiff(await this.describer.code({ old: earlier.record.code, new: now }));
      line(text === '' ? '  there is no difference of code to show' : `\n${text}`);
    }
  }
}
