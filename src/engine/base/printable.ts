/**
 * Characters that a terminal acts on or that nobody sees. These are the controls of C0 (except tab and line end) and C1, marks that reverse the
 * direction of writing, characters of zero width, which make different names look the same, and halves of surrogate pairs.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

/** A text that is safe to show: each of these characters is replaced by its code, such as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, codeOf);
}

/** A name that is safe to show: like `printable`, on one line. */
export function printableName(text: string): string {
  return printable(text).replace(/[\t\n]/g, codeOf);
}

/** JSON text with such characters escaped as in JSON. The value is the same. */
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
