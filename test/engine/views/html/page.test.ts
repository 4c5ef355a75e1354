import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { html } from '../../../../src/engine/views/html/html.ts';
import { renderPage } from '../../../../src/engine/views/html/page.ts';

it('lets a browser apply its own style and run its own script only, and load nothing', () => {
  const page = renderPage({
    title: '</title><script>',
    style: 'p{color:red}',
    body: html`<p>x</p>`,
    script: 'go("now")',
  });
  const digest = (text: string) => createHash('sha256').update(text).digest('base64');
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
  expect(policy).toBe(
    `default-src 'none'; script-src 'sha256-${digest('go("now")')}'; style-src 'sha256-${digest('p{color:red}')}'; ` +
      "img-src data:; font-src data:; base-uri 'none'; form-action 'none'",
  );
  expect(page).toContain('<title>&lt;/title&gt;&lt;script&gt;</title>');
  expect(page).toContain('<style>p{color:red}</style>');
  expect(page).toContain('<script>go("now")</script>');
});
