/** The advance widths of a TrueType font's glyphs. */
export interface Advances {
  /** The width of a line of text in units of the font size. */
  width(text: string): number;
}

/**
 * Reads what text measurement needs from a TrueType or OpenType file: `head` (units per em), `hhea` and `hmtx` (advances),
 * and the Unicode `cmap` of format 4 or 12. Layout tables are ignored: combining marks stand over their base and add
 * no width, kerning is not applied. See https://learn.microsoft.com/typography/opentype/spec/.
 *
 * @throws {RangeError} when a table is missing or the file is cut short.
 */
export function readAdvances(file: Uint8Array): Advances {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tables = readDirectory(view);
  const offsetOf = (tag: string): number => {
    const offset = tables.get(tag);
    if (offset === undefined) throw new RangeError(`the font has no "${tag}" table`);
    return offset;
  };
  const unitsPerEm = view.getUint16(offsetOf('head') + 18);
  const advanceCount = view.getUint16(offsetOf('hhea') + 34);
  const hmtx = offsetOf('hmtx');
  const glyphOf = readCharacterMap(view, offsetOf('cmap'));
  // Glyphs past the last entry share its advance.
  const advance = (glyph: number) => view.getUint16(hmtx + 4 * Math.min(glyph, advanceCount - 1)) / unitsPerEm;

  const known = new Map<string, number>();
  return {
    width(text) {
      let sum = 0;
      for (const character of text) {
        let width = known.get(character);
        if (width === undefined) {
          width = /\p{Mn}/u.test(character) ? 0 : advance(glyphOf(character.codePointAt(0) ?? 0));
          known.set(character, width);
        }
        sum += width;
      }
      return sum;
    },
  };
}

function readDirectory(view: DataView): Map<string, number> {
  const tables = new Map<string, number>();
  const count = view.getUint16(4);
  for (let i = 0; i < count; i++) {
    const entry = 12 + 16 * i;
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((byte) => view.getUint8(entry + byte)));
    tables.set(tag, view.getUint32(entry + 8));
  }
  return tables;
}

/** Maps code points to glyph numbers; 0 is the glyph for what the font lacks. */
function readCharacterMap(view: DataView, cmap: number): (codePoint: number) => number {
  const subtables = new Map<number, number>();
  const count = view.getUint16(cmap + 2);
  for (let i = 0; i < count; i++) {
    const record = cmap + 4 + 8 * i;
    const platform = view.getUint16(record);
    const encoding = view.getUint16(record + 2);
    // Platform 0 is Unicode; platform 3 (Windows) has Unicode under encodings 1 and 10.
    const isUnicode = platform === 0 || (platform === 3 && (encoding === 1 || encoding === 10));
    const offset = cmap + view.getUint32(record + 4);
    if (isUnicode) subtables.set(view.getUint16(offset), offset);
  }
  const full = subtables.get(12);
  if (full !== undefined) return readFormat12(view, full);
  const basic = subtables.get(4);
  if (basic !== undefined) return readFormat4(view, basic);
  throw new RangeError('the font has no Unicode character map of format 4 or 12');
}

function readFormat12(view: DataView, offset: number): (codePoint: number) => number {
  const groups = view.getUint32(offset + 12);
  return (codePoint) => {
    for (let i = 0; i < groups; i++) {
      const group = offset + 16 + 12 * i;
      const first = view.getUint32(group);
      if (codePoint < first) return 0;
      if (codePoint <= view.getUint32(group + 4)) return view.getUint32(group + 8) + codePoint - first;
    }
    return 0;
  };
}

function readFormat4(view: DataView, offset: number): (codePoint: number) => number {
  const doubledCount = view.getUint16(offset + 6);
  const ends = offset + 14;
  const starts = ends + doubledCount + 2;
  const deltas = starts + doubledCount;
  const ranges = deltas + doubledCount;
  return (codePoint) => {
    for (let i = 0; i < doubledCount; i += 2) {
      if (codePoint > view.getUint16(ends + i)) continue;
      const start = view.getUint16(starts + i);
      if (codePoint < start) return 0;
      const delta = view.getUint16(deltas + i);
      const range = view.getUint16(ranges + i);
      if (range === 0) return (codePoint + delta) & 0xffff;
      const glyph = view.getUint16(ranges + i + range + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
