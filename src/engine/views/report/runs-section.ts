import { type Html, html } from '../html/html.ts';
import { formatCount, formatSeconds } from '../terminal/format.ts';
import type { RunTimeline, TimelineBar } from './report-content.ts';

const WIDTH = 1000;
const LANE = 14;
const GAP = 3;
const AXIS = 18;

/** Okabe and Ito's colours, which colour-blind readers can distinguish. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c8c00'];
const OTHERS = '#8f8f8f';

/** What ran when: one picture for each run, one row for each worker. The longest stages have colours of their own, the others share one. */
export function runsSection(runs: readonly RunTimeline[]): Html | undefined {
  if (runs.length === 0) return undefined;
  const stages = longestFirst(runs);
  const coloured = stages.slice(0, COLOURS.length);
  const colourOf = (stage: string) => COLOURS[coloured.indexOf(stage)] ?? OTHERS;
  const key = coloured.map((stage) => ({ label: stage, colour: colourOf(stage) }));
  const others = stages.length - coloured.length;
  if (others > 0) key.push({ label: formatCount(others, 'other stage'), colour: OTHERS });
  return html`<section id="runs">
<h2>When it was made</h2>
<ul class="key">${key.map(({ label, colour }) => html`<li><svg width="10" height="10" aria-hidden="true"><rect width="10" height="10" rx="2" fill="${colour}"/></svg>${label}</li>`)}</ul>
${runs.map((run) => runPicture(run, colourOf))}
</section>`;
}

function longestFirst(runs: readonly RunTimeline[]): readonly string[] {
  const seconds = new Map<string, number>();
  for (const { stage, start, end } of runs.flatMap(({ lanes }) => lanes.flat())) {
    seconds.set(stage, (seconds.get(stage) ?? 0) + end - start);
  }
  return [...seconds].sort(([, a], [, b]) => b - a).map(([stage]) => stage);
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
<p class="quiet">${formatCount(nodes, 'node')} in ${formatSeconds(run.seconds)} on ${hostsOf(run)}, ${formatCount(run.lanes.length, 'worker')}, ${share} % busy${run.outcome && `, ${run.outcome}`}${run.command && html`: <code>${run.command}</code>`}</p>
<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of the run">
${run.lanes.flatMap((lane, row) => lane.map((bar) => barOf(bar, row, x, colourOf)))}
${ticks(run.seconds).map(({ seconds, anchor }) => html`<text x="${x(seconds)}" y="${height - 4}" text-anchor="${anchor}" font-size="11" fill="currentColor">${formatSeconds(seconds)}</text>`)}
</svg></div>`;
}

/** Names of more of them nobody reads. */
const MOST_HOSTS = 5;

function hostsOf({ hosts }: RunTimeline): string {
  const named = hosts.slice(0, MOST_HOSTS).join(', ');
  return hosts.length > MOST_HOSTS ? `${named} and ${hosts.length - MOST_HOSTS} more` : named;
}

function barOf(bar: TimelineBar, row: number, x: (seconds: number) => number, colourOf: (stage: string) => string) {
  const width = Math.max(0.5, x(bar.end) - x(bar.start));
  const title = `${bar.stage}: ${formatCount(bar.nodes, 'node')}, ${formatSeconds(bar.end - bar.start)}`;
  return html`<rect x="${x(bar.start).toFixed(2)}" y="${row * (LANE + GAP)}" width="${width.toFixed(2)}" height="${LANE}" fill="${colourOf(bar.stage)}"><title>${title}</title></rect>`;
}

/** Labels at the ends stay inside the picture. */
function ticks(seconds: number) {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => ({
    seconds: share * seconds,
    anchor: share === 0 ? 'start' : share === 1 ? 'end' : 'middle',
  }));
}
