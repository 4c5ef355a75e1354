import { encodeSegment } from '../../plan/encode-segment.ts';
import type { Coordinate } from '../../stage/stage.ts';
import type { Store } from '../../store/store.ts';
import { finiteOrNull, metricValue } from './metric-values.ts';
import type { MatrixAxis, StageMatrix } from './protocol.ts';
import { type RunView, versionOf } from './run/run-view.ts';

/** The names of a stage's metrics are taken from so many of its nodes. */
const NODES_ASKED = 20;

/**
 * All nodes of a stage, by column; undefined where the run has no such stage.
 */
export function stageMatrix(
  view: RunView,
  name: string,
  metric: string | undefined,
  store: Pick<Store, 'lastKey' | 'metrics'>,
): StageMatrix | undefined {
  const { table, states } = view;
  const stage = table.stages.find((each) => each.name === name);
  if (!stage) return undefined;
  const axes = stage.coordinates.map((axis) => ({ name: axis, positions: new Map<Coordinate, number>() }));
  const positions: number[][] = axes.map(() => []);
  for (const index of stage.nodes) {
    for (const [axis, value] of table.coordinatesOf(index).entries()) {
      const known = axes[axis]?.positions;
      if (!known) continue;
      let position = known.get(value);
      if (position === undefined) {
        position = known.size;
        known.set(value, position);
      }
      positions[axis]?.push(position);
    }
  }
  let digits = '';
  for (const index of stage.nodes) digits += states.states[index];
  const of = (index: number) => {
    const live = states.liveMetrics(index);
    if (live.length > 0) return live;
    const key = view.keyOf(index, store);
    return key ? store.metrics(key) : [];
  };
  return {
    stage: name,
    axes: axes.map((axis) => axisOf(axis.name, [...axis.positions.keys()], table.plan !== undefined)),
    index: stage.nodes,
    positions,
    states: digits,
    seconds: stage.nodes.map((index) => finiteOrNull(states.seconds[index])),
    metric:
      metric === undefined
        ? null
        : { name: metric, values: stage.nodes.map((index) => metricValue(view, index, metric, store)) },
    metrics: [...new Set(someOf(stage.nodes).flatMap((index) => of(index).map((series) => series.name)))],
    versionId: versionOf(view),
  };
}

/** Without the plan, the values are those of the ids already. */
function axisOf(name: string, values: readonly Coordinate[], isPlanned: boolean): MatrixAxis {
  return { name, values, idParts: values.map((value) => (isPlanned ? encodeSegment(value) : String(value))) };
}

function someOf(nodes: readonly number[]): readonly number[] {
  const stride = Math.max(1, Math.floor(nodes.length / NODES_ASKED));
  return nodes.filter((_, at) => at % stride === 0).slice(0, NODES_ASKED);
}
