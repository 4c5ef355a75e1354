import { shortDigest } from '../../base/digest.ts';
import { type Html, html } from '../html/html.ts';
import { formatBytes, formatCount, formatSeconds } from '../terminal/format.ts';
import { markdownToHtml } from './markdown.ts';
import type { MadeFile, Provenance, ReportFile, ReportTarget, StageProvenance } from './report-content.ts';
import { svgImage } from './svg-image.ts';

/**
 * One target: its files, and where they come from.
 * @param fontFaces the page's `@font-face` rules
 */
export function targetSection(target: ReportTarget, fontFaces: string): Html {
  const { name, description, files, provenance } = target;
  const made = files.flatMap((file) => (file.state === 'made' ? [file] : []));
  return html`<section id="target-${name}">
<h3>${name}</h3>
${description && html`<p>${description}</p>`}
${staleness(name, provenance)}
${shown(made).map((file) => show(file, fontFaces))}
${fileList(files)}
<details class="provenance"><summary>Where this comes from: ${formatCount(provenance.nodes, 'node')}, ${formatSeconds(provenance.seconds)} of work</summary>
<div class="scroll"><table>
<thead><tr><th>stage</th><th class="number">nodes</th><th class="number">work</th><th>code</th><th>computed with</th><th>on</th></tr></thead>
<tbody>${provenance.stages.map(stageRow)}</tbody>
</table></div>
${provenance.stages.map(stageParams)}
</details>
</section>`;
}

function staleness(name: string, { stale, nodes }: Provenance): Html | undefined {
  if (stale === 0) return undefined;
  return html`<p class="warn">Not up to date: ${String(stale)} of ${formatCount(nodes, 'node')} have to run. <code>vmfdag run --target ${name}</code> makes it.</p>`;
}

type EmbeddedFile = MadeFile & { readonly bytes: Uint8Array };

function isEmbedded(file: MadeFile): file is EmbeddedFile {
  return file.bytes !== undefined;
}

/** One picture of each figure and one form of each table. Other formats of the same content follow as downloads. */
function shown(files: readonly MadeFile[]): readonly EmbeddedFile[] {
  const stem = ({ path }: MadeFile) => path.replace(/\.[^.]+$/, '');
  const preference = ['svg', 'png', 'markdown', 'csv', 'json'];
  const rank = ({ type }: MadeFile) => preference.indexOf(type);
  const stems = [...new Set(files.map(stem))];
  return stems.flatMap((wanted) =>
    files
      .filter(isEmbedded)
      .filter((file) => stem(file) === wanted && rank(file) >= 0)
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, 1),
  );
}

function show(file: EmbeddedFile, fontFaces: string): Html {
  const text = () => new TextDecoder().decode(file.bytes);
  const figure = (source: string) =>
    html`<figure><div class="sheet" role="button" tabindex="0" title="Show large"><img alt="${file.path}" src="${source}"></div></figure>`;
  switch (file.type) {
    case 'svg':
      return figure(svgImage(text(), fontFaces));
    case 'png':
      return figure(dataUri(file, 'image/png'));
    case 'markdown':
      return markdownToHtml(text());
    default:
      return html`<pre>${text()}</pre>`;
  }
}

function fileList(files: readonly ReportFile[]): Html {
  const link = (file: MadeFile) =>
    isEmbedded(file)
      ? html`<a download="${file.path}" href="${dataUri(file, 'application/octet-stream')}">${file.path}</a>`
      : html`${file.path}`;
  return html`<ul class="files">${files.map((file) =>
    file.state === 'made'
      ? html`<li>${link(file)} <span class="quiet">${formatBytes(file.size)}, made by ${file.node}, sha256 <code title="${file.digest}">${shortDigest(file.digest)}</code></span></li>`
      : html`<li>${file.path} <span class="warn">not made yet, by ${file.node}</span></li>`,
  )}</ul>`;
}

function dataUri({ bytes }: EmbeddedFile, mediaType: string): string {
  return `data:${mediaType};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;
}

function stageRow({ stage, nodes, seconds, code, compute, environment, hosts }: StageProvenance): Html {
  const fingerprints = code.map(
    (fingerprint) => html`<code title="${fingerprint}">${shortDigest(fingerprint)}</code> `,
  );
  return html`<tr><td>${stage}</td><td class="number">${nodes}</td><td class="number">${formatSeconds(seconds)}</td><td>${fingerprints}</td><td>${[...compute, ...environment].join('; ') || '–'}</td><td>${hosts.join(', ')}</td></tr>`;
}

function stageParams({ stage, params }: StageProvenance): Html | undefined {
  const shown = params.filter(({ params: each }) => Object.keys(each).length > 0);
  if (shown.length === 0) return undefined;
  return html`<details><summary>params of ${stage}</summary>${shown.map(
    ({ params: each, nodes }) => html`<pre>${formatCount(nodes, 'node')}: ${JSON.stringify(each)}</pre>`,
  )}</details>`;
}
