// What the linter refuses, and what to write instead. A blank stands for any white space, the end of a line included. A phrase belongs here
// if it is a paraphrase, or an old word, for which docs/glossary.md or everyday English has a plain one.

/** @type {readonly { pattern: RegExp, instead: string }[]} */
export const PHRASES = [
  ['(?:the|its|a|no|each|every) way back', 'backward pass'],
  [
    '(?:gradients?|derivatives?)(?: of [^.;:]{1,60}?)? by (?:the |its |each |their )?(?:[xwyu]|inputs?|outputs?|weights?|kernels?|filters?|parameters?|params|logits?|values?|image|bias|scale|shift|activations?)\\b',
    '"with respect to"',
  ],
  [
    'ma(?:d|k)es? (?:(?:it|them|these|those|that|bytes|one|anything|everything) )?again',
    '"restore" for evicted bytes, "execute again" for a node',
  ],
  ['making (?:(?:it|them|these|those) )?again', '"restore" or "execute again"'],
  ['sets? (?:(?:it|them|these|those) )?aside', '"quarantine" for damaged bytes'],
  ['setting (?:(?:it|them|these|those) )?aside', '"quarantine"'],
  [
    'lets? (?:(?:it|them|these|those|its bytes|their bytes|bytes) )?go',
    '"evict" for bytes, "release", "free" or "allow"',
  ],
  ['letting (?:(?:it|them) )?go', '"evict", "release" or "free"'],
  ['mend(?:s|ed|ing)?', '"fix", or "repair" for damaged bytes'],
  ['(?:goes|go|gone|going|went) (?:a)?round', '"bypass", "avoid" or "repeat"'],
  ['(?:is|are|was|were) another', '"differs" or "a second"'],
  ['(?:is|are|was|were) others', '"differ"'],
  ['beside', '"next to", "with" or "in addition to"'],
  ['by (?:itself|themselves)', '"alone", "on its own" or "automatically"'],
  ['bytes (?:that |which )?(?:are|were|is) gone', '"evicted", or "missing" where nobody meant it'],
  ['hang(?:s|ing)? on', '"depend on"'],
  ['hung on', '"depended on"'],
  ['dear', '"expensive"'],
  ['but for', '"except for"'],
  ['(?:be|been|is|are) had', '"available"'],
  ['bytes (?:that )?lack', '"missing bytes"'],
  ['(?:sees?|seeing) to it', '"ensure"'],
  ["(?:bring|brings|brought|bringing) (?:[\\w’' ]{1,30} )?about", '"cause", "provide" or "restore"'],
  ['(?:came?|comes) of (?:it|that|the|this)', '"the result"'],
  ['(?:hold|holds|held) (?:[\\w ]{1,30} )?against', '"compare with"'],
  ['(?:take|takes|taken|took) for damage', '"report as damage"'],
  ['islands?', '"package" or "room"'],
  ['anew', '"again" or "new"'],
  ['whence|wherein|thereof', '"from which", "in which", "of which"'],
].map(([pattern, instead]) => ({ pattern: new RegExp(`\\b(?:${pattern})\\b`.replaceAll(' ', '\\s+'), 'gi'), instead }));
