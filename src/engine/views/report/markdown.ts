import { Marked, type Tokens } from 'marked';
import { Html, html } from '../html/html.ts';

const LINKED = ['http:', 'https:', 'mailto:'];

/**
 * A Markdown artefact as HTML. Each table scrolls on its own where the page is too narrow. HTML in it is shown as text, a link leads to the web or is text,
 * and an image is its description: the page loads nothing.
 */
export function markdownToHtml(text: string): Html {
  const rendered = new Marked({ async: false, gfm: true, renderer }).parse(text) as string;
  return new Html(
    rendered
      .replaceAll('<table>', '<div class="scroll"><table>')
      .replaceAll('</table>', '</table></div>')
      .replaceAll(' align="right"', ' class="number"')
      .replaceAll(/ align="(left|center)"/g, ''),
  );
}

const renderer = {
  html({ text }: Tokens.HTML | Tokens.Tag): string {
    return html`${text}`.text;
  },
  link(
    this: { parser: { parseInline(tokens: Tokens.Link['tokens']): string } },
    { href, tokens }: Tokens.Link,
  ): string {
    const content = new Html(this.parser.parseInline(tokens));
    return isWebAddress(href) ? html`<a href="${href}">${content}</a>`.text : content.text;
  },
  image({ text }: Tokens.Image): string {
    return html`${text}`.text;
  },
};

function isWebAddress(href: string): boolean {
  return URL.canParse(href) && LINKED.includes(new URL(href).protocol);
}
