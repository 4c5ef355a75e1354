import * as v from 'valibot';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { directory } from '../../src/engine/stage/index.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { csvTable, decimals, markdownTable } from '../../src/sgd/figures/tables/text-table.ts';
import { accuracyRows } from '../support/accuracy-rows.ts';
import { measuredRunsIn } from '../support/measured-files.ts';
import { positiveInteger } from '../support/params.ts';

/** Best validation accuracies of the first epochs, and how far all of them are from the paper's: had training ended there, would they agree? */
export default defineStage({
  params: v.strictObject({ architectures: v.array(v.string()), epochs: v.array(positiveInteger) }),
  inputs: { measurements: one(directory) },
  outputs: { markdown, csv },
  run: async ({ params: { architectures, epochs }, inputs }) => {
    const { validation } = await measuredRunsIn(inputs.measurements);
    const found = epochs.map((epochs) => {
      const rows = accuracyRows(validation.filter(({ epoch }) => epoch <= epochs));
      const accuracies = architectures.map((name) => rows.find(({ architecture }) => architecture === name));
      return {
        epochs,
        percent: accuracies.map((row) => (row ? 100 * row.mean : null)),
        difference: rootMeanSquare(accuracies.flatMap((row) => row?.paperDeviations ?? [])),
      };
    });
    return {
      csv: csvTable(
        ['epochs', ...architectures.map((name) => `${name}_percent`), 'difference_in_paper_std'],
        found.map(({ epochs, percent, difference }) => [epochs, ...percent, difference]),
      ),
      markdown: markdownTable(
        ['epochs', ...architectures.map((name) => `${name} (%)`), 'root mean square difference (σ of the paper)'],
        found.map(({ epochs, percent, difference }) => [
          String(epochs),
          ...percent.map((value) => value?.toFixed(2) ?? '–'),
          decimals(difference),
        ]),
      ),
    };
  },
});

function rootMeanSquare(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.hypot(...values) / Math.sqrt(values.length);
}
