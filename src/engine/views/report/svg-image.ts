import { svgRootAt } from '../live/previews/svg-root.ts';

const FONT = 'Source Sans 3';

/**
 * An SVG document as an image for any page. In an image no script runs, nothing is loaded, and invalid SVG stays inside it. It does not
 * see the page's fonts either, so it gets them where it asks for them.
 * @param fontFaces the page's `@font-face` rules
 */
export function svgImage(document: string, fontFaces: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(withFontFaces(document, fontFaces)).toString('base64')}`;
}

/** An SVG document with the page's fonts, where it asks for them. */
export function withFontFaces(document: string, fontFaces: string): string {
  if (!document.includes(FONT)) return document;
  const begin = document.indexOf('<svg');
  const root = begin < 0 ? undefined : svgRootAt(document, begin);
  if (root === undefined) return document;
  const end = begin + root.length;
  return `${document.slice(0, end)}<style>${fontFaces}</style>${document.slice(end)}`;
}
