import type { ArtefactType, Codec } from '../artefact.ts';

function text(type: ArtefactType): Codec<string> {
  return {
    type,
    encode: (value) => new TextEncoder().encode(value),
    decode: (encoded) => new TextDecoder('utf-8', { fatal: true }).decode(encoded),
  };
}

export const svg: Codec<string> = /* @__PURE__ */ text('svg');
export const csv: Codec<string> = /* @__PURE__ */ text('csv');
export const markdown: Codec<string> = /* @__PURE__ */ text('markdown');
