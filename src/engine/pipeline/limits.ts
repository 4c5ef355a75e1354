/**
 * More than anyone writes or waits for. What goes beyond is a slip, or an attack: a file of a kilobyte can expand to
 * a thousand million values.
 */

/** Characters of a pipeline file; a parser reads about that much in two seconds. */
export const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Levels of nesting, in the file and in params with their references resolved. The engine walks values by recursion. */
export const MAX_DEPTH = 100;

/** Values of a file or of params, with aliases and references expanded. Eight characters of text count as one value. */
export const MAX_VALUES = 1_000_000;

/** Params on the path from one to another that it needs, by nesting and by references. They are resolved by recursion. */
export const MAX_REFERENCE_CHAIN = 300;

/** Profiles in one chain of `extends`; each lays its params over a copy of all. */
export const MAX_EXTENDS = 100;

/** Params that the command line or a program sets; each copies what is around it. */
export const MAX_OVERRIDES = 1000;

/** Coordinates of a stage. */
export const MAX_COORDINATES = 32;

/** Axes of a pipeline. Each is read with all earlier ones visible. */
export const MAX_AXES = 1000;

/** Nodes of a plan. A slip such as `to: 1e9` must not fill the memory. */
export const MAX_NODES = 1_000_000;

/** References inside of brackets of references. */
export const MAX_BRACKETS = 16;

/** References in one text. */
export const MAX_REFERENCES_IN_TEXT = 1000;
