import { readFileSync } from 'node:fs';

const FONT_ADDRESS = /url\("?\/assets\/([\w-]+\.woff2)"?\)/g;

const FONT_FACE = /@font-face\s*\{[^}]*\}/g;

/** The style of a page that stands alone. */
export interface PageStyle {
  readonly style: string;
  /** Its `@font-face` rules, for drawings, which do not see the fonts of the page that shows them. */
  readonly fontFaces: string;
}

/**
 * A style sheet of the live page that contains its fonts, so that the page looks the same on every machine, offline.
 * @param fonts the folder of the font's files
 */
export function pageStyle(styleSheet: string, fonts: URL): PageStyle {
  const style = styleSheet.replace(FONT_ADDRESS, (_, name: string) => {
    const data = readFileSync(new URL(name, fonts)).toString('base64');
    return `url(data:font/woff2;base64,${data})`;
  });
  // A drawing is drawn once: it would be seen without a font that may come later.
  const fontFaces = (style.match(FONT_FACE) ?? []).map((rule) => rule.replace(/font-display:\s*swap;?/, ''));
  return { style, fontFaces: fontFaces.join('\n') };
}
