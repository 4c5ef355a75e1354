import type { RunTimeline } from '../../src/engine/views/report/report-content.ts';
import { formatCount } from '../format/numbers.ts';
import { lineClass } from '../parts/line-class.ts';

/** So many stages have a colour of their own; the others share one. */
const COLOURED = 7;

interface StageColours {
  readonly legend: readonly { readonly name: string; readonly colour: string }[];
  readonly colourOf: (stage: string) => string;
}

/** Colours of stages in timelines: the stages that took longest have one of their own. */
export function stageColours(runs: readonly RunTimeline[]): StageColours {
  const stages = longestFirst(runs);
  const coloured = stages.slice(0, COLOURED);
  const others = stages.length - coloured.length;
  const colourOf = (stage: string) => lineClass(coloured.includes(stage) ? coloured.indexOf(stage) : COLOURED);
  const legend = coloured.map((name) => ({ name, colour: colourOf(name) }));
  if (others === 0) return { legend, colourOf };
  const name = others === 1 ? (stages.at(-1) as string) : `${formatCount(others)} other stages`;
  return { legend: [...legend, { name, colour: lineClass(COLOURED) }], colourOf };
}

function longestFirst(runs: readonly RunTimeline[]): readonly string[] {
  const seconds = new Map<string, number>();
  for (const { stage, start, end } of runs.flatMap(({ lanes }) => lanes.flat())) {
    seconds.set(stage, (seconds.get(stage) ?? 0) + end - start);
  }
  return [...seconds].sort(([, a], [, b]) => b - a).map(([stage]) => stage);
}
