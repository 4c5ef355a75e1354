import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Failure } from '../../../engine/base/failure.ts';
import { type Advances, readAdvances } from './truetype.ts';

/**
 * The fonts of a figure's text: the bundled font first, then fonts that a reader's machine may have. Without its quotes, browsers would ignore the
 * whole list, since no name in CSS has a part that begins with a digit.
 */
export const FONT_FAMILY = 'Source Sans 3';
export const FONT_STACK = `'${FONT_FAMILY}', Source Sans Pro, Helvetica Neue, Arial, sans-serif`;

/** The two weights that figures use, as in CSS. */
export const FONT_WEIGHTS = { regular: 400, strong: 600 } as const;

interface Face {
  readonly file: string;
  readonly sha256: string;
}

// The digests are here so that they are part of the code of every stage that draws: another version of the font
// moves every label, and its figures must not count as the same.
const PACKAGE = '@expo-google-fonts/source-sans-3';
const FACES: { readonly regular: Face; readonly strong: Face } = {
  regular: {
    file: '400Regular/SourceSans3_400Regular.ttf',
    sha256: '393fb5b878ceed04aebc34b097e853ae5138c51d0c34b496ce8e2b47e0d0b94a',
  },
  strong: {
    file: '600SemiBold/SourceSans3_600SemiBold.ttf',
    sha256: 'bd2550fce2d295b0bf20bd8b1b7f1477da834f1066bd850aafdb4787a67a63ca',
  },
};

interface LoadedFont {
  readonly files: readonly string[];
  readonly regular: Advances;
  readonly strong: Advances;
}

let loaded: LoadedFont | undefined;

/**
 * Loads the bundled font once.
 *
 * @throws {Failure} kind `environment` when the font package is missing or holds another version.
 */
export function loadFont(): LoadedFont {
  if (!loaded) {
    const regular = readFace(FACES.regular);
    const strong = readFace(FACES.strong);
    loaded = { files: [regular.path, strong.path], regular: regular.advances, strong: strong.advances };
  }
  return loaded;
}

function readFace({ file, sha256 }: Face): { readonly path: string; readonly advances: Advances } {
  let path: string;
  try {
    path = createRequire(import.meta.url).resolve(`${PACKAGE}/${file}`);
  } catch (cause) {
    throw new Failure(
      'environment',
      { fact: `the font ${PACKAGE}/${file} is not installed`, fix: 'run npm ci' },
      { cause },
    );
  }
  const bytes = readFileSync(path);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== sha256) {
    throw new Failure('environment', {
      fact: `${path} has SHA-256 ${digest}, but the figures are laid out with ${sha256}`,
      fix: `install the version of ${PACKAGE} that package-lock.json names (npm ci)`,
    });
  }
  return { path, advances: readAdvances(bytes) };
}

/** The width in pixels of a line of text, by the advances of its glyphs (without kerning, which is below 1 %). */
export function textWidth(text: string, fontSize: number, weight: number | string | undefined = 400): number {
  const font = loadFont();
  const strong = weight === 'bold' || Number(weight) >= 600;
  return (strong ? font.strong : font.regular).width(text) * fontSize;
}

/** Breaks text at spaces into lines of at most `width` pixels; a longer word gets its own line. */
export function wrapText(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ +/)) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last === undefined || textWidth(longer, fontSize) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
