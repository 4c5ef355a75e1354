/**
 * What a terminal acts on, or what nobody sees: controls of C0 (but for tab and line end) and C1, marks that turn the direction of writing around,
 * characters without a width, under which different names look the same, and halves of surrogate pairs.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

/** A text as it may be shown: in place of what a terminal would act on, or what nobody would see, stands its code, such as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, codeOf);
}

/** A name as it may be shown: as `printable`, in one line. */
export function printableName(text: string): string {
  return printable(text).replace(/[\t\n]/g, codeOf);
}

/** JSON text with such characters escaped as JSON does it: the value is the same. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    [...Array(character.length).keys()].map((index) => unitOf(character, index)).join(''),
  );
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

function unitOf(text: string, index: number): string {
  return `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
}
