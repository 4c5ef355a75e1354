/** What the server says in half a sentence, as one: `The run is not active any more.` */
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…:]$/.test(begun) || begun === '' ? begun : `${begun}.`;
}
