import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Tensors } from '../../../src/engine/stage/artefact.ts';
import { json } from '../../../src/engine/stage/codecs/json.ts';
import { safetensors } from '../../../src/engine/stage/codecs/safetensors.ts';
import { defineStage, type Gathered, many, one } from '../../../src/engine/stage/stage.ts';

interface Metrics {
  readonly loss: number;
}

describe('defineStage', () => {
  it('types params, inputs and outputs by the declarations', () => {
    const definition = {
      params: v.object({ rate: v.number() }),
      inputs: { weights: one(safetensors), metrics: many(json<Metrics>()) },
      outputs: { mean: json<Metrics>() },
    };
    const stage = defineStage({
      ...definition,
      run({ params, inputs }) {
        expectTypeOf(params).toEqualTypeOf<{ rate: number }>();
        expectTypeOf(inputs.weights).toEqualTypeOf<Tensors>();
        expectTypeOf(inputs.metrics).toEqualTypeOf<readonly Gathered<Metrics>[]>();
        return { mean: { loss: params.rate } };
      },
    });
    expect(stage).toMatchObject(definition);
    expect(stage.inputs.weights).toEqual({ kind: 'one', codec: safetensors });
    expect(stage.inputs.metrics.kind).toBe('many');
  });
});
