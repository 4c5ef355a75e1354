import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { png } from '../../src/engine/stage/codecs/png.ts';
import { svg } from '../../src/engine/stage/codecs/text.ts';
import { Failure } from '../../src/engine/stage/index.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type ConcentrationRow, concentrationFigure } from '../../src/sgd/figures/plots/concentration-figure.ts';
import type { AccuracyRow } from '../../src/sgd/figures/tables/accuracy.ts';
import { ACCURACY_COLUMNS } from '../support/accuracy-columns.ts';
import { draw } from '../support/draw.ts';
import { rowsOf } from '../support/rows.ts';

/** κ̂ against the epoch, one panel per architecture (Figure 5). */
export default defineStage({
  params: v.strictObject({
    /** The scale of the experiment, shown under the figure, by architecture; an architecture may have none. */
    captions: v.record(v.string(), v.string()),
    /** The order of the panels; those without rows are left out. */
    architectures: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
  inputs: { table: one(arrow), accuracy: one(arrow) },
  outputs: { svg, png },
  run: async ({ params, inputs }) => {
    const columns = ['architecture', 'seed', 'epoch', 'kappa', 'noiseFloor'] as const;
    const rows = rowsOf<ConcentrationRow>('table', inputs.table, columns);
    const accuracies = rowsOf<AccuracyRow>('accuracy', inputs.accuracy, ACCURACY_COLUMNS);
    const unlisted = rows.find(({ architecture }) => !params.architectures.includes(architecture));
    if (unlisted) {
      throw new Failure('stage', {
        fact: `the table has the architecture "${unlisted.architecture}", which the param "architectures" does not list`,
        fix: 'list it, at the place where its panel is to stand',
      });
    }
    return draw(concentrationFigure(rows, accuracies, params));
  },
});
