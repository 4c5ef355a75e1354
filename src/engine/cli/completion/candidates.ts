import type { Command } from 'commander';
import { SourcedArgument, SourcedOption, type ValueSource } from '../options/value-source.ts';
import { type CompletedLine, visibleOptions } from './place.ts';

/** A completion of the word under the cursor. A value that ends with `/`, `.` or `=` is the beginning of one, and no space follows it. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What a shell offers. */
export type Offer =
  | { readonly kind: 'list'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'files' | 'folders' };

/** Looks up values that depend on the project: only called where such a value is under the cursor. */
export type ValueLookup = (
  source: Exclude<ValueSource, 'files' | 'folders'>,
  word: string,
) => Promise<readonly Candidate[]>;

/** The completions of the word under the cursor. */
export async function offerFor({ command, place }: CompletedLine, lookUp: ValueLookup): Promise<Offer> {
  switch (place.kind) {
    case 'option':
      return matching(optionCandidates(command), place.word);
    case 'option value':
      return prefixed(await valueOffer(place.option, place.option.argChoices, place.word, lookUp), place.prefix);
    case 'word': {
      const commands = place.subcommands.map(
        (each): Candidate => ({ value: each.name(), description: each.summary() || each.description() }),
      );
      const { argument } = place;
      if (!argument) return matching(commands, place.word);
      const values = await valueOffer(argument, argument.argChoices, place.word, lookUp);
      if (values.kind !== 'list' || commands.length === 0) return values;
      return { kind: 'list', candidates: [...startingWith(commands, place.word), ...values.candidates] };
    }
  }
}

async function valueOffer(
  what: object,
  choices: readonly string[] | undefined,
  word: string,
  lookUp: ValueLookup,
): Promise<Offer> {
  if (choices)
    return matching(
      choices.map((value) => ({ value, description: '' })),
      word,
    );
  if (!(what instanceof SourcedOption || what instanceof SourcedArgument)) return matching([], word);
  const { source } = what;
  if (source === 'files' || source === 'folders') return { kind: source };
  return matching(await lookUp(source, word), word);
}

function optionCandidates(command: Command): readonly Candidate[] {
  return visibleOptions(command).map((option) => ({
    value: option.long ?? option.short ?? '',
    description: option.description,
  }));
}

function matching(candidates: readonly Candidate[], word: string): Offer {
  return { kind: 'list', candidates: startingWith(candidates, word) };
}

function startingWith(candidates: readonly Candidate[], word: string): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(word));
}

function prefixed(offer: Offer, prefix: string): Offer {
  if (offer.kind !== 'list' || prefix === '') return offer;
  return { kind: 'list', candidates: offer.candidates.map((each) => ({ ...each, value: prefix + each.value })) };
}
