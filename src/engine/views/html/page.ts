import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';

/** A page by its parts. Style and script are our own and hold nothing of anybody else's. */
export interface Page {
  readonly title: string;
  readonly style: string;
  readonly body: Html;
  readonly script: string;
}

/**
 * An HTML document that needs nothing besides, and can reach nothing: browsers apply its one style sheet and run its one script, known by their digests, and
 * nothing that the content may hold; they load images and fonts that the document itself contains, and send nothing anywhere.
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
