import type { Codec, SynchronousCodec } from '../artefact.ts';
import { describeValue } from './describe-value.ts';
import { loneSurrogate } from './lone-surrogate.ts';

function text(type: Codec<string>['type']): SynchronousCodec<string> {
  return {
    type,
    encode: (value: unknown) => {
      if (typeof value !== 'string') throw new TypeError(`${type} is text, and this is ${describeValue(value)}`);
      const at = loneSurrogate(value);
      if (at !== undefined) throw new TypeError(`character ${at} is half of a surrogate pair: UTF-8 cannot hold it`);
      return new TextEncoder().encode(value);
    },
    // A byte order mark is part of the text.
    decode: (encoded) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(encoded),
  };
}

export const svg: SynchronousCodec<string> = /* @__PURE__ */ text('svg');
export const csv: SynchronousCodec<string> = /* @__PURE__ */ text('csv');
export const markdown: SynchronousCodec<string> = /* @__PURE__ */ text('markdown');
