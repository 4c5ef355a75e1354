import type { UnitSpec } from './specification.ts';
import { COLOURS, type logChannel, STROKES } from './theme.ts';

/** Dashed lines across a panel at values of directions without preference. Of values that no eye can tell apart, one. */
export function floorRules(floors: readonly number[], y: ReturnType<typeof logChannel>): UnitSpec {
  const distinct = [...new Map(floors.map((floor) => [floor.toPrecision(3), floor])).values()];
  return {
    data: { values: distinct.map((floor) => ({ floor })) },
    mark: { type: 'rule', color: COLOURS.muted, strokeWidth: STROKES.thin, strokeDash: [...STROKES.dash] },
    encoding: { y: { field: 'floor', type: 'quantitative', ...y } },
  };
}
