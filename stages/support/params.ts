import * as v from 'valibot';

/** A count of things: 1, 2, 3, … */
export const positiveInteger = /* @__PURE__ */ v.pipe(
  /* @__PURE__ */ v.number(),
  /* @__PURE__ */ v.safeInteger(),
  /* @__PURE__ */ v.minValue(1),
);

/** How many examples of a dataset to use, from its beginning; null, the default, for all. */
export const exampleLimit = /* @__PURE__ */ v.optional(/* @__PURE__ */ v.nullable(positiveInteger), null);
