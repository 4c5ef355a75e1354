import { printable, printableName } from '../../base/printable.ts';
import type { Offer } from './candidates.ts';
import type { Shell } from './scripts.ts';

/** The words of a line as their shell passes them: bash leaves quotes and backslashes in. */
export function wordsOf(words: readonly string[], shell: Shell | undefined): readonly string[] {
  return shell === 'bash' ? words.map(unquote) : words;
}

/**
 * What a shell's script reads.
 * @param word the one under the cursor, as the shell passed it
 */
export function shellLines(offer: Offer, word: string, shell: Shell | undefined): readonly string[] {
  if (offer.kind !== 'list') return [offer.kind];
  return [
    'list',
    // A value with unprintable characters cannot be offered: it would look like another value.
    ...offer.candidates
      .filter(({ value }) => printableName(value) === value)
      .map(({ value, description }) => {
        if (shell === 'bash') return bashReply(value, word);
        const text = oneLine(description);
        return text === '' && shell !== 'zsh' ? value : `${value}\t${text}`;
      }),
  ];
}

/**
 * bash keeps what it cut off at the last "=" or ":" of the word. The script tells it not to add spaces, since it would also add one after the
 * beginning of a node's name.
 */
function bashReply(value: string, word: string): string {
  const taken = unquote(word).search(/[^=:]*$/);
  const text = value.slice(taken).replace(/[^\w@%+=:,./~^-]/g, '\\$&');
  return /[/.=]$/.test(value) ? text : `${text} `;
}

function unquote(word: string): string {
  return word.replace(/\\(.)|["']/g, '$1');
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}
