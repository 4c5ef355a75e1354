import { createHash } from 'node:crypto';
import { html } from '../../html/html.ts';
import { markdownToHtml } from '../../report/markdown.ts';

/** A page of its own for an artefact, with the only style that it may have. */
export interface ArtefactDocument {
  readonly html: string;
  /** What `style-src` allows. */
  readonly styles: string;
}

const STYLE = `:root{color-scheme:light dark}
body{margin:0;padding:.75rem;font:15px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
table{border-collapse:collapse}th,td{border:1px solid #8884;padding:.2rem .6rem;text-align:left}.number{text-align:right}
.scroll{overflow-x:auto}pre{overflow-x:auto;background:#8881;padding:.5rem}code{font-family:ui-monospace,monospace}`;

/** Markdown as a document: without scripts and images, and with everything in HTML shown as text. */
export function markdownDocument(text: string): ArtefactDocument {
  const { text: body } = markdownToHtml(text);
  const style = createHash('sha256').update(STYLE).digest('base64');
  const page = `<!doctype html><html lang="en"><meta charset="utf-8">${html`<title>Markdown</title>`.text}<style>${STYLE}</style><body>${body}</body></html>`;
  return { html: page, styles: `'sha256-${style}'` };
}
