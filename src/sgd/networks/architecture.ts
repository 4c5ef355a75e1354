import * as v from 'valibot';

const batchNormSchema = /* @__PURE__ */ v.strictObject({
  /** Added to the variance under the root. */
  epsilon: /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.number(), /* @__PURE__ */ v.gtValue(0)),
  /** Share of the old value that a running statistic keeps at each step. */
  momentum: /* @__PURE__ */ v.pipe(
    /* @__PURE__ */ v.number(),
    /* @__PURE__ */ v.minValue(0),
    /* @__PURE__ */ v.ltValue(1),
  ),
});

/** Batch normalisation right before each hidden ReLU. */
const optionalBatchNorm = /* @__PURE__ */ v.union([/* @__PURE__ */ v.literal(false), batchNormSchema]);

const count = /* @__PURE__ */ v.pipe(
  /* @__PURE__ */ v.number(),
  /* @__PURE__ */ v.integer(),
  /* @__PURE__ */ v.minValue(1),
);

const fullyConnectedSchema = /* @__PURE__ */ v.strictObject({
  kind: /* @__PURE__ */ v.literal('fully-connected'),
  /** Units of the hidden layers, from the input on. */
  hidden: /* @__PURE__ */ v.array(count),
  batchNorm: optionalBatchNorm,
});

const convolutionalSchema = /* @__PURE__ */ v.pipe(
  /* @__PURE__ */ v.strictObject({
    kind: /* @__PURE__ */ v.literal('convolutional'),
    /** Filters of the first convolution. */
    stem: count,
    /** Filters of each group's convolutions. All groups except for the first begin with a convolution of stride 2. */
    filters: /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.array(count), /* @__PURE__ */ v.minLength(1)),
    convolutionsPerGroup: count,
    /** Height and width of all kernels. */
    kernelSize: count,
    /** Identity shortcuts over every two convolutions of the groups (He et al. 2016, option A: without parameters). */
    residual: /* @__PURE__ */ v.boolean(),
    batchNorm: optionalBatchNorm,
  }),
  /* @__PURE__ */ v.check(
    ({ residual, convolutionsPerGroup }) => !residual || convolutionsPerGroup % 2 === 0,
    'a residual network has an even number of convolutionsPerGroup: each shortcut spans two',
  ),
  /* @__PURE__ */ v.check(
    ({ residual, stem, filters }) => !residual || filters.every((out, i) => out >= (filters[i - 1] ?? stem)),
    'a residual network has no fewer filters than the group before: a shortcut can add channels, not take them away',
  ),
);

/** Checks the model of pipeline.yaml. Further kinds of network are added here. */
export const architectureSchema = /* @__PURE__ */ v.variant('kind', [fullyConnectedSchema, convolutionalSchema]);

export type BatchNorm = v.InferOutput<typeof batchNormSchema>;
export type FullyConnected = v.InferOutput<typeof fullyConnectedSchema>;
/** Convolutions, with a ReLU after each, then the average over all pixels and a linear layer. */
export type Convolutional = v.InferOutput<typeof convolutionalSchema>;

/** A network without biases and dropout, of ReLU layers and a linear last one, whose outputs are the logits. */
export type Architecture = v.InferOutput<typeof architectureSchema>;
