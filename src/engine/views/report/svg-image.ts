const FONT = 'Source Sans 3';

/** The start tag of the root element. Quotes decide where it ends. Tried at one place only: a hostile document has very many. */
const ROOT = /<svg(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*>/y;

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
  ROOT.lastIndex = Math.max(0, document.indexOf('<svg'));
  return document.replace(ROOT, (root) => `${root}<style>${fontFaces}</style>`);
}
