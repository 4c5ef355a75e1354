import { Failure } from '../../base/failure.ts';
import type { MetricSeries } from '../../store/metric-series.ts';

/** Which value of a series stands for a metric: the last one, the least or greatest of all, or the one at a step. */
type Position = 'last' | 'min' | 'max' | { readonly step: number };

/** A column of a table of experiments. */
export interface MetricChoice {
  /** As it was written: the name of the column. */
  readonly text: string;
  readonly metric: string;
  readonly at: Position;
}

/**
 * Reads `loss`, `loss=min`, `accuracy=max` or `loss=500`, the value at step 500.
 * @throws {Failure} kind `usage` where the part after the last equals sign is something else
 */
export function parseMetricChoice(text: string): MetricChoice {
  const equals = text.lastIndexOf('=');
  if (equals <= 0) return { text, metric: text, at: 'last' };
  const [metric, at] = [text.slice(0, equals), text.slice(equals + 1)];
  if (at === 'last' || at === 'min' || at === 'max') return { text, metric, at };
  if (/^\d+$/.test(at) && Number.isSafeInteger(Number(at))) return { text, metric, at: { step: Number(at) } };
  throw new Failure('usage', {
    fact: `"${text}" asks for "${at}" of the metric "${metric}"`,
    fix: `write ${metric}=last, ${metric}=min, ${metric}=max, or a step such as ${metric}=500`,
  });
}

/**
 * The value of one node, or of the nodes of one chain.
 * @param series of the chosen metric, in the order of the chain
 * @returns undefined where there is none at that step
 */
export function chosenValue({ at }: MetricChoice, series: readonly MetricSeries[]): number | undefined {
  switch (at) {
    case 'last':
      return numberOf(series.at(-1)?.values.at(-1));
    case 'min':
      return extreme(series, ({ min }) => min, Math.min);
    case 'max':
      return extreme(series, ({ max }) => max, Math.max);
    default:
      for (const { steps, values } of series.toReversed()) {
        const index = steps.lastIndexOf(at.step);
        if (index >= 0) return numberOf(values[index]);
      }
      return undefined;
  }
}

/** NaN only where all values are. */
function extreme(
  series: readonly MetricSeries[],
  of: (series: MetricSeries) => MetricSeries['min'],
  choose: (...values: number[]) => number,
): number | undefined {
  if (series.length === 0) return undefined;
  const values = series.map((each) => Number(of(each)));
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length > 0 ? choose(...numbers) : Number.NaN;
}

function numberOf(value: MetricSeries['values'][number] | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
