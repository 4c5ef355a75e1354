import { formatCount, formatSeconds } from '../../ui/format.ts';
import type { RunTimeline, TimelineBar } from './content.ts';
import { type Html, html } from './html.ts';

const WIDTH = 1000;
const LANE = 14;
const GAP = 3;
const AXIS = 18;

/** Okabe and Ito's colours, which colour-blind readers can tell apart, darker and lighter ones of them after that. */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#8c8c00',
  '#7f7f7f',
  '#004c78',
  '#a06e00',
  '#005c44',
  '#7d3c63',
];

/** What ran when: one picture a run, one row a worker. */
export function runsSection(runs: readonly RunTimeline[]): Html | undefined {
  if (runs.length === 0) return undefined;
  const stages = [...new Set(runs.flatMap(({ lanes }) => lanes.flat().map(({ stage }) => stage)))];
  const colourOf = (stage: string) => COLOURS[stages.indexOf(stage) % COLOURS.length] as string;
  return html`<section id="runs">
<h2>When it was made</h2>
<ul class="key">${stages.map((stage) => html`<li><i style="background:${colourOf(stage)}"></i>${stage}</li>`)}</ul>
${runs.map((run) => runPicture(run, colourOf))}
</section>`;
}

function runPicture(run: RunTimeline, colourOf: (stage: string) => string): Html {
  const bars = run.lanes.flat();
  const nodes = bars.reduce((sum, bar) => sum + bar.nodes, 0);
  const busy = bars.reduce((sum, bar) => sum + bar.end - bar.start, 0);
  const share = run.seconds > 0 ? Math.round((100 * busy) / (run.seconds * run.lanes.length)) : 0;
  const height = run.lanes.length * (LANE + GAP) + AXIS;
  const x = (seconds: number) => (run.seconds > 0 ? (seconds / run.seconds) * WIDTH : 0);
  return html`<div class="run">
<h3>${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h3>
<p class="quiet">${formatCount(nodes, 'node')} in ${formatSeconds(run.seconds)} on ${run.host}, ${formatCount(run.lanes.length, 'worker')}, ${share} % busy${run.outcome && `, ${run.outcome}`}${run.command && html`: <code>${run.command}</code>`}</p>
<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of the run">
${run.lanes.flatMap((lane, row) => lane.map((bar) => barOf(bar, row, x, colourOf)))}
${ticks(run.seconds).map((tick) => html`<text x="${Math.min(x(tick), WIDTH - 40)}" y="${height - 4}" font-size="11" fill="currentColor">${formatSeconds(tick)}</text>`)}
</svg></div>`;
}

function barOf(bar: TimelineBar, row: number, x: (seconds: number) => number, colourOf: (stage: string) => string) {
  const width = Math.max(0.5, x(bar.end) - x(bar.start));
  const title = `${bar.stage}: ${formatCount(bar.nodes, 'node')}, ${formatSeconds(bar.end - bar.start)}`;
  return html`<rect x="${x(bar.start).toFixed(2)}" y="${row * (LANE + GAP)}" width="${width.toFixed(2)}" height="${LANE}" fill="${colourOf(bar.stage)}"><title>${title}</title></rect>`;
}

function ticks(seconds: number): readonly number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => share * seconds);
}
