// What a stage module sees. Codecs are separate modules so that a stage's code fingerprint
// holds only the packages of the artefact types it uses.
export { Failure } from '../base/failure.ts';
export type { JsonObject, JsonValue } from '../base/json.ts';
export { type RandomStream, randomStream } from '../base/random.ts';
export type { ArtefactType, Codec, PathCodec, SynchronousCodec, Tensor, TensorData, Tensors } from './artefact.ts';
export { arrow } from './codecs/arrow.ts';
export { bytes } from './codecs/bytes.ts';
export { json } from './codecs/json.ts';
export { directory, file } from './codecs/paths.ts';
export { png } from './codecs/png.ts';
export { safetensors } from './codecs/safetensors.ts';
export { csv, markdown, svg } from './codecs/text.ts';
export {
  type ComputeIdentity,
  type Coordinate,
  type Coordinates,
  defineStage,
  type Gathered,
  type ManyInput,
  many,
  type OneInput,
  one,
  type StageContext,
  type StageDefinition,
} from './stage.ts';
