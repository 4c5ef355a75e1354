import type { JsonValue } from '../base/json.ts';
import { type Answer, noAnswer, parseAnswer } from './answer.ts';
import { askProvider } from './ask-provider.ts';
import { keepAnswer, knownAnswer } from './known-answers.ts';
import type { Provider } from './provider.ts';

/**
 * A provider's answer to a request. It is asked unless its last answer is still valid, which executes its package.
 * @param content SHA-256 of the files of its package
 * @throws {Failure} kind `environment` where it does not answer
 */
export function identify(
  provider: Provider,
  { content, request }: { readonly content: string; readonly request: JsonValue },
  root: string,
  cacheDirectory: string,
): Answer {
  const question = { provider: provider.name, content, request };
  const known = knownAnswer(question, cacheDirectory);
  if (known) return known;
  const askedMs = Date.now();
  const answer = parseAnswer(askProvider(provider, ['identify', request], root));
  if (!answer) throw noAnswer(provider.name);
  keepAnswer(question, answer, cacheDirectory, askedMs);
  return answer;
}
