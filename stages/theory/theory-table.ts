import * as v from 'valibot';
import { arrow } from '../../src/engine/stage/codecs/arrow.ts';
import { json } from '../../src/engine/stage/codecs/json.ts';
import { csv, markdown } from '../../src/engine/stage/codecs/text.ts';
import { defineStage, one } from '../../src/engine/stage/stage.ts';
import { type TheoryCheck, theoryCsv, theoryMarkdown, theoryRow } from '../../src/sgd/figures/tables/theory.ts';
import { tableOf } from '../support/rows.ts';

const checks = one(json<readonly TheoryCheck[]>());

/** All checks of the theory with margins and verdicts. */
export default defineStage({
  params: v.strictObject({}),
  inputs: {
    theorem1: checks,
    theorem2: checks,
    lemma1: checks,
    theorem3: checks,
    theorem3Measured: checks,
    quadratics: checks,
    measured: checks,
  },
  outputs: { table: arrow, markdown, csv },
  run: ({ inputs }) => {
    const { theorem1, theorem2, lemma1, theorem3, theorem3Measured, quadratics, measured } = inputs;
    const rows = [
      ...[...theorem1, ...theorem2, ...lemma1, ...theorem3, ...theorem3Measured],
      ...[...quadratics, ...measured],
    ].map(theoryRow);
    return { table: tableOf(rows), markdown: theoryMarkdown(rows), csv: theoryCsv(rows) };
  },
});
