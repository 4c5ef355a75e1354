/**
 * More than anyone writes or waits for. What goes beyond is a slip, or meant to keep the reader busy: a file of a kilobyte can stand for
 * a thousand million values.
 */

/** Characters of a pipeline file; about what a parser reads in two seconds. */
export const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Levels of nesting, of the file and of params with their references resolved. The engine walks values by recursion. */
export const MAX_DEPTH = 100;

/** Values that a file, or params, stand for: aliases and references count as what they stand for, and text as one value for eight characters. */
export const MAX_VALUES = 1_000_000;

/** Params on the way from one to another that it needs, by nesting and by references. They are resolved by recursion. */
export const MAX_REFERENCE_CHAIN = 300;

/** Profiles that one extends; each lays its params over a copy of all. */
export const MAX_EXTENDS = 100;

/** Params that the command line, or a program, sets; each with a copy of what is around it. */
export const MAX_OVERRIDES = 1000;

/** Coordinates of a stage. */
export const MAX_COORDINATES = 32;

/** Axes of a pipeline. Each is read with all before it in view. */
export const MAX_AXES = 1000;

/** Nodes of a plan: more than anyone waits for. A slip such as `to: 1e9` must not fill the memory. */
export const MAX_NODES = 1_000_000;

/** References inside of brackets of references. */
export const MAX_BRACKETS = 16;

/** References in one text. */
export const MAX_REFERENCES_IN_TEXT = 1000;
