import { describe, expect, it } from 'vitest';
import { Html, html } from '../../../../src/engine/views/html/html.ts';

describe('html', () => {
  it('escapes texts, and leaves HTML as it is', () => {
    const name = `<script>alert("it's & over")</script>`;
    expect(html`<p title="${name}">${new Html('<b>kept</b>')}</p>`.text).toBe(
      '<p title="&lt;script&gt;alert(&quot;it&#39;s &amp; over&quot;)&lt;/script&gt;"><b>kept</b></p>',
    );
  });

  it('joins lists, writes numbers, and writes nothing for undefined', () => {
    expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>${undefined}`.text).toBe(
      '<ul><li>1</li><li>2</li></ul>',
    );
  });
});
