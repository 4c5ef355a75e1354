import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';

/** The parts of a page. Style and script are our own and contain nothing from elsewhere. */
export interface Page {
  readonly title: string;
  readonly style: string;
  readonly body: Html;
  readonly script: string;
}

/**
 * A self-contained HTML document that can reach nothing. Browsers apply only its own style sheet and script, which it names by their digests, and
 * nothing that the content may contain. They load only images and fonts inside the document, and send nothing anywhere.
 */
export function renderPage({ title, style, body, script }: Page): string {
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)}`,
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
${body}
<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
