/** How many lines have colours of their own. */
const LINES = 8;

/** The name of the colour of a line, or of the bars of a stage, by its position; and the class that fills a form with it. */
export function lineClass(at: number): string {
  return `line-${(at % LINES) + 1}`;
}
