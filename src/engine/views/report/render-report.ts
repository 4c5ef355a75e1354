import type { JsonObject } from '../../base/json.ts';
import { html } from '../html/html.ts';
import { renderPage } from '../html/page.ts';
import { BEHAVIOUR } from './behaviour.ts';
import type { ReportContent } from './report-content.ts';
import { runsSection } from './runs-section.ts';
import { STYLE } from './style.ts';
import { svgImage } from './svg-image.ts';
import { targetSection } from './target-section.ts';

/**
 * The report as one self-contained HTML document.
 * @param fontFaces the page's `@font-face` rules
 */
export function renderReport(content: ReportContent, fontFaces: string): string {
  const { name, description, profile, targets } = content;
  const body = html`<header>
<div class="bar"><h1>${name}</h1><button id="theme" type="button">light / dark</button></div>
${description && html`<p>${description}</p>`}
${profile && html`<p class="quiet">Profile ${profile.name}${profile.description && `: ${profile.description}`}</p>`}
<nav><ul>${targets.map((target) => html`<li><a href="#target-${target.name}">${target.name}</a></li>`)}<li><a href="#pipeline">pipeline</a></li><li><a href="#runs">runs</a></li><li><a href="#environment">environment</a></li></ul></nav>
</header>
<main>
<h2>Results</h2>
${targets.map((target) => targetSection(target, fontFaces))}
<section id="pipeline"><h2>The pipeline</h2>
${content.graph && html`<figure><div class="sheet" role="button" tabindex="0" title="Show large"><img alt="The stages, and what they read" src="${svgImage(content.graph, fontFaces)}"></div></figure>`}
<details><summary>params</summary><pre>${formatParams(content.params)}</pre></details></section>
${runsSection(content.runs)}
<section id="environment"><h2>Where this page was written</h2>
<table><tbody>${content.environment.map((each) => html`<tr><th>${each.name}</th><td>${each.value}</td></tr>`)}</tbody></table></section>
</main>
<footer class="quiet">Written by <code>vmfdag report</code> from what is in the cache.</footer>
<dialog aria-label="The figure, large"></dialog>`;
  return renderPage({ title: name, style: fontFaces + STYLE, body, script: BEHAVIOUR });
}

function formatParams(params: JsonObject): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join('\n');
}
