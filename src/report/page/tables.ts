import { marked } from 'marked';
import { Html } from './html.ts';

/** A Markdown artefact as HTML; its tables scroll by themselves where the page is too narrow. */
export function markdownToHtml(text: string): Html {
  const rendered = marked.parse(text, { async: false, gfm: true });
  return new Html(
    rendered
      .replaceAll('<table>', '<div class="scroll"><table>')
      .replaceAll('</table>', '</table></div>')
      .replaceAll(' align="right"', ' class="number"'),
  );
}
