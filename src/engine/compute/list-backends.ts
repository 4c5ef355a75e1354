import { isJsonObject, type JsonValue } from '../base/json.ts';
import { noAnswer } from './answer.ts';
import { askProvider } from './ask-provider.ts';
import { findProvider, providerMissing } from './provider.ts';

/** A backend of a provider, and whether it is available here. */
export type BackendListing =
  | {
      readonly name: string;
      readonly kind: 'available';
      readonly version: string;
      readonly maximumThreads: number;
    }
  | { readonly name: string; readonly kind: 'unavailable'; readonly reason: string; readonly fix: string };

/**
 * All backends that a project's provider knows, in the provider's order; none where the project names no provider. This executes the provider's
 * package.
 * @throws {Failure} kind `environment` where the provider is not installed or does not answer
 */
export function listBackends(name: string | undefined, root: string): readonly BackendListing[] {
  if (name === undefined) return [];
  const provider = findProvider(name, root);
  if (!provider) throw providerMissing(name);
  const listed = askProvider(provider, ['listBackends'], root);
  if (!Array.isArray(listed) || !listed.every(isListing)) throw noAnswer(name);
  return listed as unknown as readonly BackendListing[];
}

function isListing(value: JsonValue): boolean {
  if (!isJsonObject(value) || typeof value.name !== 'string') return false;
  return value.kind === 'available'
    ? typeof value.version === 'string'
    : typeof value.reason === 'string' && typeof value.fix === 'string';
}
