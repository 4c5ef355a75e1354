/** The stage of a node, which its id begins with. */
export function stageOf(node: string): string {
  return node.split('/', 1)[0] as string;
}
