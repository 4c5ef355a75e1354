import type { ArtefactType, SynchronousCodec } from '../artefact.ts';

function text(type: ArtefactType): SynchronousCodec<string> {
  return {
    type,
    encode: (value) => new TextEncoder().encode(value),
    decode: (encoded) => new TextDecoder('utf-8', { fatal: true }).decode(encoded),
  };
}

export const svg: SynchronousCodec<string> = /* @__PURE__ */ text('svg');
export const csv: SynchronousCodec<string> = /* @__PURE__ */ text('csv');
export const markdown: SynchronousCodec<string> = /* @__PURE__ */ text('markdown');
