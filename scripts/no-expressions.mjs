/** Stands for acorn in the command line: arquero parses expressions over columns with it, which only stages have. */
export function parse() {
  throw new Error('the command line evaluates no expressions over tables');
}
