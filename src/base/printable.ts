/**
 * Characters that a terminal, a drawing or a reader's eye takes for something else than a letter: C0 and C1 controls but for tab and line end, the marks that
 * turn the direction of writing around, and characters without a width, under which two different names look the same.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** A text as it may be shown: what would be acted on or not be seen stands there as its code, `\x1b` or `\u202e`. Tabs and line ends stay. */
export function printable(text: string): string {
  return text.replace(UNSEEN, codeOf);
}

/** A name as it may be shown in one line. */
export function printableName(text: string): string {
  return printable(text).replace(/[\t\n]/g, codeOf);
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
