import { createHash } from 'node:crypto';
import { html } from '../../html/html.ts';
import { markdownToHtml } from '../../report/markdown.ts';

/** A page of its own for an artefact, with the only style that it may have. */
export interface ArtefactDocument {
  readonly html: string;
  /** What `style-src` allows. */
  readonly styles: string;
}

/**
 * Markdown as a document: without scripts and images, and with everything in HTML shown as text.
 * @param style the style sheet of the page that shows it
 */
export function markdownDocument(text: string, style: string): ArtefactDocument {
  const { text: body } = markdownToHtml(text);
  const digest = createHash('sha256').update(style).digest('base64');
  const page = `<!doctype html><html lang="en"><meta charset="utf-8">${html`<title>Markdown</title>`.text}<style>${style}</style><body class="document markdown">${body}</body></html>`;
  return { html: page, styles: `'sha256-${digest}'` };
}
