/** Names of query parameters that give access: tokens, keys, signatures. */
const SECRET =
  /^(?:.*[-_.])?(?:token|key|apikey|auth|authorization|secret|password|passwd|pwd|pass|sig|signature|credential|credentials|session|code)$/i;

/** A text with its web addresses in a form that is safe to show and keep: without user, password, and the values of tokens. */
export function maskAddresses(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#'"<>]*@/gi, '$1***@')
    .replace(/([?&;])([^\s?&;=#'"<>]+)=([^\s&;#'"<>]*)/g, (whole, mark: string, name: string, value: string) =>
      value !== '' && SECRET.test(name) ? `${mark}${name}=***` : whole,
    );
}
