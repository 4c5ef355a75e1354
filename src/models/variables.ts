import type { Architecture, FullyConnected } from './architecture.ts';

/** A named tensor of a model. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether gradients are taken, and the variable counts in d. Running statistics are not trainable. */
  readonly trainable: boolean;
  readonly initialisation: Initialisation;
}

type Initialisation =
  | { readonly kind: 'glorot uniform'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'constant'; readonly value: number };

/** What goes into a model and comes out. */
export interface Signature {
  /** Height, width and channels of one image. */
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/** All variables of a model, in the fixed order in which its flattened gradients hold the trainable ones. */
export function variablesOf(architecture: Architecture, signature: Signature): readonly Variable[] {
  return fullyConnectedVariables(architecture, signature);
}

/** The dimension d of the gradients: the number of trainable parameters. */
export function trainableDimension(variables: readonly Variable[]): number {
  return variables.reduce((sum, variable) => sum + (variable.trainable ? elementCount(variable.shape) : 0), 0);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Name of the layer that maps to the logits, in every architecture. */
export const LOGITS = 'logits';

/** Name of a fully-connected network's hidden layer, counted from 1. */
export function hiddenLayer(index: number): string {
  return `hidden${index}`;
}

function fullyConnectedVariables(
  { hidden, batchNorm }: FullyConnected,
  { imageShape, classes }: Signature,
): readonly Variable[] {
  const variables: Variable[] = [];
  let fanIn = elementCount(imageShape);
  const addKernel = (layer: string, fanOut: number) => {
    const initialisation = { kind: 'glorot uniform', fanIn, fanOut } as const;
    variables.push({ name: `${layer}/kernel`, shape: [fanIn, fanOut], trainable: true, initialisation });
    fanIn = fanOut;
  };
  hidden.forEach((units, position) => {
    const layer = hiddenLayer(position + 1);
    addKernel(layer, units);
    if (batchNorm) variables.push(...batchNormVariables(layer, units));
  });
  addKernel(LOGITS, classes);
  return variables;
}

function batchNormVariables(layer: string, units: number): readonly Variable[] {
  const variable = (name: string, value: number, trainable: boolean): Variable => ({
    name: `${layer}/${name}`,
    shape: [units],
    trainable,
    initialisation: { kind: 'constant', value },
  });
  return [
    variable('gamma', 1, true),
    variable('beta', 0, true),
    variable('movingMean', 0, false),
    variable('movingVariance', 1, false),
  ];
}
