import { elementCount, type Variable } from '../../src/sgd/networks/variables.ts';

/** Some of a model's trainable variables. */
export interface ParameterGroup {
  /** `hidden1/kernel`, `hidden1/normalisation`; `normalisation` alone for that of all layers. */
  readonly name: string;
  /** Their places among the trainable variables. */
  readonly places: readonly number[];
  readonly dimension: number;
}

const NORMALISATION = 'normalisation';

/** The kernel of each layer, γ and β of each layer together, and γ and β of all layers. */
export function parameterGroups(variables: readonly Variable[]): readonly ParameterGroup[] {
  const trainable = variables.filter((variable) => variable.trainable);
  const places = new Map<string, number[]>();
  const put = (name: string, place: number) => places.set(name, [...(places.get(name) ?? []), place]);
  trainable.forEach(({ name }, place) => {
    const slash = name.lastIndexOf('/');
    const [layer, parameter] = [name.slice(0, slash), name.slice(slash + 1)];
    if (parameter === 'kernel') {
      put(name, place);
      return;
    }
    put(`${layer}/${NORMALISATION}`, place);
    put(NORMALISATION, place);
  });
  return [...places].map(([name, ofGroup]) => ({
    name,
    places: ofGroup,
    dimension: ofGroup.reduce((sum, place) => sum + elementCount(trainable[place]?.shape ?? []), 0),
  }));
}
