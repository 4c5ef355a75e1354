import { mutated } from './mutations.mjs';
import { Draw } from './random.mjs';
import { signatures } from './signatures.mjs';

const names = Object.keys(signatures);

/** Of the cases, so many have arguments that are as they should be. */
const RIGHT = 0.3;

/** Case number `index` of a seed: a function and the description of its arguments. */
export function describeCase(seed, index) {
  const draw = new Draw(seed, index);
  const name = names[index % names.length];
  const right = draw.chance(RIGHT);
  const described = signatures[name](draw);
  return { name, right, described: right ? described : mutated(described, draw), draw };
}
