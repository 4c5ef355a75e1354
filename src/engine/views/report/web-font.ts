import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@fontsource/source-sans-3';

/** The parts of the font that pages use, with the Unicode ranges that its publisher gives them. */
const SUBSETS = [
  {
    name: 'latin',
    range:
      'U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD',
  },
  { name: 'greek', range: 'U+0370-0377,U+037A-037F,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03FF' },
];

const WEIGHTS = [400, 600];

/** Rules that contain the font itself, so that the page looks the same on every machine, offline. */
export function fontFaces(): string {
  return WEIGHTS.flatMap((weight) =>
    SUBSETS.map(({ name, range }) => {
      const data = readFileSync(fontFile(`source-sans-3-${name}-${weight}-normal.woff2`)).toString('base64');
      return `@font-face{font-family:"Source Sans 3";font-weight:${weight};src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${range}}`;
    }),
  ).join('\n');
}

/** The build puts the few used files next to the program, so that nobody has to install the rest of the font. */
function fontFile(name: string): string {
  const built = fileURLToPath(new URL(`./fonts/${name}`, import.meta.url));
  return existsSync(built) ? built : createRequire(import.meta.url).resolve(`${PACKAGE}/files/${name}`);
}
