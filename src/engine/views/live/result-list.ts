import type { RunRequest } from '../../staleness/subjects.ts';
import { type NodeState, outputOf } from '../../staleness/survey.ts';
import type { Store } from '../../store/store.ts';
import { provenanceOf, recordsOf } from '../report/provenance.ts';
import type { Provenance } from '../report/report-content.ts';
import type { Result } from './protocol.ts';

/** Params of more groups of nodes than that are no provenance that anybody reads. */
const PARAMS_SHOWN = 20;

/** The files that targets publish, and where they come from. */
export function resultList({ plan }: RunRequest, states: readonly NodeState[], store: Store): readonly Result[] {
  const recordOf = recordsOf(store);
  return plan.targets.flatMap(({ name, files }) => {
    const roots = [...new Set(files.map(({ source }) => source.node))];
    const provenance = shortened(provenanceOf(roots, states, recordOf, (digest) => store.software(digest)));
    return files.map(({ path, source }): Result => {
      const state = states[source.node] as NodeState;
      const digest = outputOf(state, source.output) ?? null;
      const record = recordOf(state);
      return {
        target: name,
        path,
        node: state.node.id,
        output: source.output,
        type: state.node.stage.outputs[source.output] ?? 'bytes',
        digest,
        state: state.state === 'current' ? 'up to date' : state.state,
        isHere: digest !== null && store.hasArtefact(digest),
        madeAt: record?.startedAt ?? null,
        run: record?.run ?? null,
        provenance,
      };
    });
  });
}

function shortened({ stages }: Provenance): Result['provenance'] {
  return stages.map((stage) => ({ ...stage, params: stage.params.slice(0, PARAMS_SHOWN) }));
}
