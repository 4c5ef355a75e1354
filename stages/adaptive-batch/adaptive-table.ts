import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import type { Coordinates, Gathered } from '../../src/engine/stage/index.ts';
import { defineStage, many } from '../../src/engine/stage/stage.ts';
import { groupBy, meanAndStd } from '../../src/sgd/figures/summary.ts';
import { markdownTable } from '../../src/sgd/figures/tables/text-table.ts';
import type { EvaluationMetrics } from '../support/checkpoints.ts';
import { csvOf, tableOf } from '../support/rows.ts';
import type { AdaptiveMetrics } from './train-adaptive.ts';

/** A run after an epoch. */
interface AdaptiveRow extends AdaptiveMetrics {
  readonly architecture: string;
  readonly rule: string;
  readonly seed: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

/** What each rule brought: a row for each run and epoch, and in Markdown the ends of the runs, as means over seeds. */
export default defineStage({
  params: v.strictObject({
    /** The rule whose loss at the end is the one that the others are to reach, seed by seed. */
    reference: v.string(),
    /** How much more than that loss counts as reached; 0.02 is 2 %. */
    tolerance: v.pipe(v.number(), v.minValue(0)),
  }),
  inputs: { training: many(json<AdaptiveMetrics>()), validation: many(json<EvaluationMetrics>()) },
  outputs: { table: arrow, csv, markdown },
  run({ params, inputs }) {
    const validation = new Map(inputs.validation.map(({ coordinates, value }) => [placeOf(coordinates), value]));
    const rows = inputs.training.flatMap((gathered) => rowsAt(gathered, validation));
    return { table: tableOf(rows), csv: csvOf(rows), markdown: summary(rows, params) };
  },
});

function placeOf({ architecture, rule, seed, epoch }: Coordinates): string {
  return JSON.stringify([architecture, rule, seed, epoch]);
}

function rowsAt(
  { coordinates, value }: Gathered<AdaptiveMetrics>,
  validation: ReadonlyMap<string, EvaluationMetrics>,
): AdaptiveRow[] {
  const evaluated = validation.get(placeOf(coordinates));
  if (!evaluated) return [];
  const place = {
    architecture: String(coordinates.architecture),
    rule: String(coordinates.rule),
    seed: Number(coordinates.seed),
  };
  return [{ ...place, ...value, validationLoss: evaluated.loss, validationAccuracy: evaluated.accuracy }];
}

function summary(
  rows: readonly AdaptiveRow[],
  { reference, tolerance }: { readonly reference: string; readonly tolerance: number },
): string {
  const cells = [...groupBy(rows, ({ architecture }) => architecture)].flatMap(([architecture, ofArchitecture]) => {
    const byRule = groupBy(ofArchitecture, ({ rule }) => rule);
    const given = new Map(endsOf(byRule.get(reference) ?? []).map((row) => [row.seed, row.validationLoss]));
    return [...byRule].map(([rule, ofRule]) => {
      const ends = endsOf(ofRule);
      const reached = [...groupBy(ofRule, ({ seed }) => seed)].flatMap(([seed, run]) => {
        const enough = (given.get(seed) ?? Number.NEGATIVE_INFINITY) * (1 + tolerance);
        const first = [...run].sort((a, b) => a.epoch - b.epoch).find((row) => row.validationLoss <= enough);
        return first ? [first] : [];
      });
      return [
        ...[architecture, rule],
        text(ends, (row) => row.validationLoss, 4),
        text(ends, (row) => 100 * row.validationAccuracy, 2),
        text(ends, (row) => row.steps, 0),
        text(ends, (row) => row.batchSize, 0),
        ...(reached.length === ends.length
          ? [text(reached, (row) => row.examples, 0), text(reached, (row) => row.steps, 0)]
          : [`${reached.length} of ${ends.length} runs`, '–']),
      ];
    });
  });
  const headings = ['architecture', 'rule', 'validation loss', 'accuracy (%)', 'steps', 'last m'];
  return markdownTable([...headings, `examples to the loss of ${reference}`, 'steps to it'], cells, 2);
}

/** The last row of each run. */
function endsOf(rows: readonly AdaptiveRow[]): readonly AdaptiveRow[] {
  return [...groupBy(rows, ({ seed }) => seed).values()].map((run) =>
    run.reduce((last, row) => (row.epoch > last.epoch ? row : last)),
  );
}

function text(rows: readonly AdaptiveRow[], value: (row: AdaptiveRow) => number, digits: number): string {
  const { mean, std } = meanAndStd(rows.map(value));
  return std === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${std.toFixed(digits)}`;
}
