import { describe, expect, it } from 'vitest';
import { markdownToHtml } from '../../../../src/engine/views/report/markdown.ts';

const rendered = (text: string) => markdownToHtml(text).text.trim();

describe('Markdown', () => {
  it('has tables that scroll, with numbers flush right', () => {
    expect(rendered('| a | b |\n|---:|:--:|\n| 1 | *x* |\n')).toMatch(
      /^<div class="scroll"><table>\s*<thead>\s*<tr>\s*<th class="number">a<\/th>\s*<th>b<\/th>[\s\S]*<td class="number">1<\/td>\s*<td><em>x<\/em><\/td>[\s\S]*<\/table><\/div>$/,
    );
  });

  it('shows HTML as text', () => {
    expect(rendered('<script>alert(1)</script>')).toBe('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(rendered('a <img src=x onerror="b()"> c')).toBe('<p>a &lt;img src=x onerror=&quot;b()&quot;&gt; c</p>');
    expect(rendered('</div><iframe srcdoc="<p>">\n\n</iframe>')).not.toMatch(/<(?!\/?p>)/);
  });

  it.each([
    'javascript:alert(9)',
    'JaVaScRiPt:alert(9)',
    'java&#115;cript:alert(9)',
    '&#1;javascript:alert(9)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//example.org/x',
    'relative.html',
  ])('has no link to %s', (address) => {
    expect(rendered(`[x](<${address}>)`)).toBe('<p>x</p>');
    expect(rendered(`[x][1]\n\n[1]: <${address}>`)).toBe('<p>x</p>');
  });

  it('links to the web, and loads nothing from there', () => {
    expect(rendered('[a **b**](https://example.org/?q="1"&r)')).toBe(
      '<p><a href="https://example.org/?q=&quot;1&quot;&amp;r">a <strong>b</strong></a></p>',
    );
    expect(rendered('<javascript:alert(1)>')).not.toContain('href');
    expect(rendered('![a <b>](https://example.org/x.png "t")')).toBe('<p>a &lt;b&gt;</p>');
  });

  it('keeps a text inside its attribute', () => {
    const text = rendered(
      '[x](https://example.org/" "t\\" onload=a() ")\n\n```js" onload="a()\ncode\n```\n\n# a" onload="b',
    );
    expect(text.replaceAll(/&\w+;/g, '')).not.toMatch(/<[^>]* onload/);
  });
});
