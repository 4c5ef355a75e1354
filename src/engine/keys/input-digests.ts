/** The digests of an input's artefacts: of one, or of all that it gathers. */
export function inputDigests<Digest>(
  input:
    | { readonly kind: 'one'; readonly digest: Digest }
    | { readonly kind: 'many'; readonly items: readonly { readonly digest: Digest }[] },
): readonly Digest[] {
  return input.kind === 'one' ? [input.digest] : input.items.map(({ digest }) => digest);
}
