import { readFileSync } from 'node:fs';

const FONT_ADDRESS = /url\("?\/assets\/([\w-]+\.woff2)"?\)/g;

/** Where the build puts it, next to the program (scripts/build.mjs). */
const STYLE_SHEET = new URL('./report/style.css', import.meta.url);

const FONT_FACE = /@font-face\s*\{[^}]*\}/g;

/** The style of a page that stands alone. */
export interface PageStyle {
  readonly style: string;
  /** Its `@font-face` rules, for drawings, which do not see the fonts of the page that shows them. */
  readonly fontFaces: string;
}

/** The style of reports, and of documents that the live page shows. */
export function builtStyle(): PageStyle {
  return pageStyle(readFileSync(STYLE_SHEET, 'utf8'), new URL('../fonts/', STYLE_SHEET));
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
