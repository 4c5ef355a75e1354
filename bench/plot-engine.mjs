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
  noop: 'up to date',
  leaf: 'one leaf changed',
  plan: 'plan',
  explain: 'explain',
};
const values = rows
  .filter(({ scenario }) => scenario in NAMES)
  .map(({ n, scenario, timesNode }) => ({ nodes: n, scenario: NAMES[scenario], times: timesNode }));

const log = (title, field) => ({
  field,
  type: 'quantitative',
  scale: { type: 'log' },
  axis: { title, tickCount: 5, format: '~s', grid: true },
});
const { spec } = compile({
  width: 420,
  height: 280,
  background: 'white',
  config: { font: 'sans-serif', axis: { gridColor: '#e5e5e5' }, view: { stroke: null } },
  data: { values },
  mark: { type: 'line', point: true },
  encoding: {
    x: log('nodes', 'nodes'),
    y: log("wall time, in times Node's own start", 'times'),
    color: {
      field: 'scenario',
      type: 'nominal',
      sort: Object.values(NAMES),
      title: null,
      // Okabe and Ito: colour-blind people can distinguish them too.
      scale: { range: ['#000000', '#0072B2', '#D55E00', '#009E73', '#CC79A7'] },
    },
    shape: { field: 'scenario', type: 'nominal', sort: Object.values(NAMES), title: null },
  },
});
writeFileSync(target, await new View(parse(spec), { renderer: 'none' }).toSVG());
