import { printableName } from '../../base/printable.ts';
import { Html, html } from '../html/html.ts';
import { renderPage } from '../html/page.ts';
import { describeStates, type Graph, type KnownState, stateOf, type Vertex } from './graph.ts';
import { STATE_COLOURS } from './graph-text.ts';

/** A self-contained page: the drawing, with zoom, and a table of its boxes. */
export function graphPage(title: string, graph: Graph, drawing: string): string {
  const body = html`<header><h1>${title}</h1>
<p>${legend(graph)}<span class="zoom"><button type="button" data-zoom="0.8" title="smaller">&minus;</button><button type="button" data-zoom="0" title="whole graph">fit</button><button type="button" data-zoom="1.25" title="larger">+</button></span></p>
</header>
<div id="sheet">${new Html(drawing)}</div>
<table><thead><tr><th>box</th><th>stage</th><th>nodes</th><th>state</th></tr></thead>
<tbody>
${graph.vertices.map(row)}</tbody></table>`;
  return renderPage({ title, style: STYLE, body, script: BEHAVIOUR });
}

function row(vertex: Vertex): Html {
  const cells = [vertex.label, vertex.stage, String(vertex.nodes), describeStates(vertex) ?? ''];
  return html`<tr data-name="${vertex.name}" class="${stateOf(vertex) ?? ''}">${cells.map((cell) => html`<td>${printableName(cell)}</td>`)}</tr>
`;
}

const LEGEND: Readonly<Record<KnownState, string>> = {
  current: 'up to date',
  stale: 'stale',
  waiting: 'waiting for those',
  cutShort: 'cut short',
};

function legend({ vertices }: Graph): readonly Html[] {
  const present = new Set(vertices.map(stateOf));
  return (Object.keys(LEGEND) as KnownState[])
    .filter((state) => present.has(state))
    .map((state) => html`<span class="key"><i class="${state}"></i>${LEGEND[state]}</span>`);
}

const colour = (state: KnownState) =>
  `.${state}{--fill:${STATE_COLOURS[state].fill};--line:${STATE_COLOURS[state].line}}`;

const STYLE = `
:root{color-scheme:light dark;--text:#1a1a1a;--page:#fff;--quiet:#6b7280;--rule:#d1d5db}
${colour('current')}${colour('stale')}${colour('waiting')}${colour('cutShort')}
@media (prefers-color-scheme:dark){:root{--text:#e5e7eb;--page:#14171c;--quiet:#9ca3af;--rule:#374151}
.current{--fill:#16324f;--line:#7ab8f5}.stale{--fill:#4a2c0a;--line:#f5a855}.waiting{--fill:#2a2f38;--line:#9ca3af}.cutShort{--fill:#14171c;--line:#6b7280}}
body{margin:0;padding:1rem 1.5rem;background:var(--page);color:var(--text);font:14px/1.45 system-ui,sans-serif}
h1{font-size:1.25rem;margin:0 0 .25rem}
header p{margin:0 0 .75rem;display:flex;flex-wrap:wrap;gap:1.25rem;align-items:center}
.key i{display:inline-block;width:1em;height:1em;margin-right:.4em;vertical-align:-.15em;border:1.5px solid var(--line);background:var(--fill);border-radius:3px}
.zoom{margin-left:auto}
button{font:inherit;min-width:2.2em;margin-left:.25em;color:inherit;background:none;border:1px solid var(--rule);border-radius:5px;cursor:pointer}
#sheet{overflow:auto;max-height:75vh;border:1px solid var(--rule);border-radius:6px;padding:.5rem}
#sheet svg{display:block;margin:auto}
#sheet .node path,#sheet .node polygon{fill:var(--fill,transparent);stroke:var(--line,var(--quiet));stroke-width:1.2}
#sheet text{fill:var(--text)}
#sheet .edge text{fill:var(--quiet)}
#sheet .edge path,#sheet .edge polygon{stroke:var(--quiet)}
#sheet .edge polygon{fill:var(--quiet)}
#sheet .node{cursor:pointer}
#sheet.chosen .node:not(.near),#sheet.chosen .edge:not(.near){opacity:.15}
table{border-collapse:collapse;margin-top:1rem}
th,td{text-align:left;padding:.2rem .9rem .2rem 0;border-bottom:1px solid var(--rule)}
td:nth-child(3),th:nth-child(3){text-align:right}
td:last-child{color:var(--line,inherit)}
@media print{.zoom{display:none}#sheet{max-height:none;border:0;overflow:visible}#sheet svg{max-width:100%;height:auto}}
`;

/** Zoom by buttons. A click on a box shows it with its inputs and readers, a second click shows everything again. */
const BEHAVIOUR = `
const sheet = document.getElementById('sheet');
const drawing = sheet.querySelector('svg');
const [width, height] = [drawing.viewBox.baseVal.width, drawing.viewBox.baseVal.height];
let scale = 1;
const show = () => { drawing.setAttribute('width', width * scale); drawing.setAttribute('height', height * scale); };
const fit = () => { scale = Math.min(1.6, (sheet.clientWidth - 20) / width); show(); };
for (const button of document.querySelectorAll('[data-zoom]')) {
  button.addEventListener('click', () => { const by = Number(button.dataset.zoom); if (by === 0) fit(); else { scale *= by; show(); } });
}
if (width > sheet.clientWidth * 3) show(); else fit();
const titleOf = (element) => element.querySelector('title').textContent;
let chosen;
for (const node of drawing.querySelectorAll('.node')) {
  node.addEventListener('click', () => {
    for (const near of drawing.querySelectorAll('.near')) near.classList.remove('near');
    chosen = chosen === node ? undefined : node;
    sheet.classList.toggle('chosen', chosen !== undefined);
    if (!chosen) return;
    const names = new Set([titleOf(node)]);
    for (const edge of drawing.querySelectorAll('.edge')) {
      const ends = titleOf(edge).split('->');
      if (ends.includes(titleOf(node))) { edge.classList.add('near'); for (const end of ends) names.add(end); }
    }
    for (const other of drawing.querySelectorAll('.node')) if (names.has(titleOf(other))) other.classList.add('near');
  });
}
`;
