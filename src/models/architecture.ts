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

const fullyConnectedSchema = /* @__PURE__ */ v.strictObject({
  kind: /* @__PURE__ */ v.literal('fully-connected'),
  /** Units of the hidden layers, from the input on. */
  hidden: /* @__PURE__ */ v.array(
    /* @__PURE__ */ v.pipe(/* @__PURE__ */ v.number(), /* @__PURE__ */ v.integer(), /* @__PURE__ */ v.minValue(1)),
  ),
  /** Batch normalisation right before each hidden ReLU. */
  batchNorm: /* @__PURE__ */ v.union([/* @__PURE__ */ v.literal(false), batchNormSchema]),
});

/** Checks what pipeline.yaml says of a model. Further kinds of network join here. */
export const architectureSchema = /* @__PURE__ */ v.variant('kind', [fullyConnectedSchema]);

export type BatchNorm = v.InferOutput<typeof batchNormSchema>;
export type FullyConnected = v.InferOutput<typeof fullyConnectedSchema>;

/** A network without biases and dropout, of ReLU layers and a linear last one, whose outputs are the logits. */
export type Architecture = v.InferOutput<typeof architectureSchema>;
