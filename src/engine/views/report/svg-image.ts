const FONT = 'Source Sans 3';

/** The start tag of the root element. Quotes decide where it ends. */
const ROOT = /<svg(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*>/;

/**
 * An SVG document as an image for any page. In an image no script runs, nothing is loaded, and invalid SVG stays inside it. It does not
 * see the page's fonts either, so it gets them where it asks for them.
 * @param fontFaces the page's `@font-face` rules
 */
export function svgImage(document: string, fontFaces: string): string {
  const withFonts = document.includes(FONT)
    ? document.replace(ROOT, (root) => `${root}<style>${fontFaces}</style>`)
    : document;
  return `data:image/svg+xml;base64,${Buffer.from(withFonts).toString('base64')}`;
}
