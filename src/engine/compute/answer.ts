import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import type { ComputeIdentity } from '../stage/stage.ts';

/** A provider's answer to a request. */
export type Answer =
  | {
      readonly kind: 'identified';
      readonly identity: ComputeIdentity;
      /** Files outside the provider's package that the answer depends on, including missing ones. */
      readonly files: readonly string[];
    }
  | {
      readonly kind: 'refused';
      /** `usage` where the request is wrong, `environment` where this machine lacks what it asks for. */
      readonly failure: 'usage' | 'environment';
      readonly problems: readonly { readonly fact: string; readonly fix?: string }[];
    };

/** A provider's answer, if it has the right form. */
export function parseAnswer(value: JsonValue | undefined): Answer | undefined {
  if (!isJsonObject(value)) return undefined;
  if (value.kind === 'identified') {
    const { identity, files } = value;
    const isAnswer =
      isComputeIdentity(identity) && Array.isArray(files) && files.every((file) => typeof file === 'string');
    return isAnswer ? (value as unknown as Answer) : undefined;
  }
  const { kind, failure, problems } = value;
  const isRefusal =
    kind === 'refused' &&
    (failure === 'usage' || failure === 'environment') &&
    Array.isArray(problems) &&
    problems.length > 0 &&
    problems.every((problem) => isJsonObject(problem) && typeof problem.fact === 'string');
  return isRefusal ? (value as unknown as Answer) : undefined;
}

/** The answer of a provider that this version of the engine does not understand. */
export function noAnswer(name: string): Failure {
  return new Failure('environment', {
    fact: `the compute provider ${name} gives an answer that this version cannot read`,
    fix: `install the version of ${name} that fits: npm install ${name}`,
  });
}

/** Whether a value has the form of a compute identity. */
export function isComputeIdentity(value: JsonValue | undefined): boolean {
  return (
    isJsonObject(value) &&
    typeof value.backend === 'string' &&
    typeof value.version === 'string' &&
    Number.isSafeInteger(value.threads)
  );
}
