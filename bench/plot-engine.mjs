// Draws the wall time of the engine against the number of nodes, from the output of the bench.
//   npm run bench:engine -- --json --nodes 100,1000,10000,100000 > engine.jsonl
//   node bench/plot-engine.mjs engine.jsonl docs/figures/engine.svg
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

const [source, target] = process.argv.slice(2);
const rows = readFileSync(source, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line));
const NAMES = {
  cold: 'everything executed',
  leaf: 'one leaf changed',
  status: 'status',
  explain: 'explain',
  plan: 'plan',
  noop: 'up to date',
};
const values = rows
  .filter(({ scenario }) => scenario in NAMES)
  .map(({ n, scenario, timesNode }) => ({ nodes: n, scenario: NAMES[scenario], times: timesNode }));

const log = (title, field, ticks) => ({
  field,
  type: 'quantitative',
  scale: { type: 'log', domain: [ticks[0], ticks.at(-1)], nice: false },
  axis: { title, values: ticks, format: ',', labelFlush: false },
});
const sizes = values.map(({ nodes }) => nodes);
const highest = Math.max(...values.map(({ times }) => times));
/** Powers of ten, and three times these. */
const steps = [0, 1, 2, 3, 4, 5].flatMap((power) => [10 ** power, 3 * 10 ** power]);
const timesTicks = steps.slice(0, steps.findIndex((step) => step >= highest) + 1);
const { spec } = compile({
  width: 420,
  height: 280,
  background: 'white',
  config: {
    font: 'sans-serif',
    axis: { gridColor: '#e5e5e5', labelFontSize: 12, titleFontSize: 13, titleFontWeight: 'normal' },
    legend: { labelFontSize: 12, labelLimit: 0 },
    view: { stroke: null },
  },
  data: { values },
  mark: { type: 'line', point: { size: 60 } },
  encoding: {
    x: log(
      'nodes',
      'nodes',
      [...new Set(sizes)].sort((a, b) => a - b),
    ),
    y: log('wall time over that of node -e 0', 'times', timesTicks),
    color: {
      field: 'scenario',
      type: 'nominal',
      sort: Object.values(NAMES),
      title: null,
      // Okabe and Ito: colour-blind people can distinguish them too.
      scale: { range: ['#000000', '#D55E00', '#E69F00', '#CC79A7', '#009E73', '#0072B2'] },
    },
    shape: { field: 'scenario', type: 'nominal', sort: Object.values(NAMES), title: null },
  },
});
writeFileSync(target, await new View(parse(spec), { renderer: 'none' }).toSVG());
