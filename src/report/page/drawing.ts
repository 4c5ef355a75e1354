import { Html } from './html.ts';

/**
 * An SVG document as a part of the page, so that its text is set in the page's font. Ids are prefixed: in one page, the
 * clip path of the first figure would otherwise cut them all.
 */
export function inlineSvg(document: string, prefix: string): Html {
  const start = document.indexOf('<svg');
  return new Html(
    document
      .slice(Math.max(0, start))
      .replace(/\bid="([^"]+)"/g, (_, id: string) => `id="${prefix}-${id}"`)
      .replace(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${prefix}-${id})`)
      .replace(/href="#([^"]+)"/g, (_, id: string) => `href="#${prefix}-${id}"`),
  );
}
