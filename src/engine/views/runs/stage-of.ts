/** The stage of a node, which its id begins with. */
export function stageOf(node: string): string {
  const slash = node.indexOf('/');
  return slash < 0 ? node : node.slice(0, slash);
}
