/** What is kept of a group of parameters, each as one tensor of the samples. */
const QUANTITIES = ['norms', 'meanGradientNorm', 'resultant', 'directions', 'dimension'] as const;

type Quantity = (typeof QUANTITIES)[number];

const PREFIX = 'groups/';

/** The name of a tensor: `groups/hidden1/kernel/norms`. */
export function groupTensor(group: string, quantity: Quantity): string {
  return `${PREFIX}${group}/${quantity}`;
}

/** The groups that tensors are named after, in their order. */
export function groupsNamed(tensors: readonly string[]): readonly string[] {
  const end = `/${QUANTITIES[0]}`;
  return tensors
    .filter((name) => name.startsWith(PREFIX) && name.endsWith(end))
    .map((name) => name.slice(PREFIX.length, -end.length));
}
