/** A text in which `${` is no reference. In a replacement text, `$$` would stand for `$`. */
export function literal(text: string): string {
  return text.replaceAll('${', () => '$${');
}
