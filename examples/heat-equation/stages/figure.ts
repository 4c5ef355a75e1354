import * as v from 'valibot';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import { defineStage, json, many, svg } from 'vmfdag';

/** Above this the solution has blown up, and its size says nothing any more. */
const BLOWN_UP = 10;

export default defineStage({
  params: v.strictObject({}),
  inputs: { errors: many(json<number>()) },
  outputs: { svg },
  async run({ inputs }) {
    const values = inputs.errors
      .map(({ coordinates, value }) => ({ ...coordinates, error: value }))
      .filter(({ error }) => error < BLOWN_UP);
    const { spec } = compile({
      data: { values },
      width: 420,
      height: 260,
      title: { text: 'Error of the time steps', subtitle: 'explicit: only where it is stable' },
      mark: { type: 'line', strokeWidth: 2.5 },
      encoding: {
        x: { field: 'steps', type: 'quantitative', scale: { type: 'log', base: 2 }, title: 'steps of an interval' },
        y: {
          field: 'error',
          type: 'quantitative',
          scale: { type: 'log' },
          title: 'relative error',
          axis: { format: '~e' },
        },
        color: { field: 'scheme', type: 'nominal', title: null },
        // The curves of the two Euler schemes coincide: the dashed one shows what is under it.
        strokeDash: {
          field: 'scheme',
          type: 'nominal',
          title: null,
          scale: { domain: ['explicit', 'implicit', 'crank-nicolson'], range: [[], [5, 5], []] },
        },
      },
    });
    return { svg: await new View(parse(spec), { renderer: 'none' }).toSVG() };
  },
});
