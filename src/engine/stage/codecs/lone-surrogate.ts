/** Where text has half of a surrogate pair, which UTF-8 would replace without a word. */
export function loneSurrogate(text: string): number | undefined {
  const at = text.search(/\p{Surrogate}/u);
  return at < 0 ? undefined : at;
}
