// Reads back from an SVG what a figure draws: the data's marks by panel, without what depends on the font.

export interface PanelMarks {
  readonly texts: readonly string[];
  readonly axisLabels: readonly string[];
  /** Paths and positions of the marks, in pixels of the panel, rounded to a tenth. */
  readonly shapes: readonly Shape[];
}

interface Shape {
  readonly mark: string;
  readonly at: readonly number[];
  readonly path: readonly number[];
  readonly dashed: boolean;
}

export function panelsOf(svg: string): PanelMarks[] {
  return svg
    .split(/(?=<g class="mark-group role-scope concat_\d+_group")/)
    .slice(1)
    .map(readPanel);
}

function readPanel(panel: string): PanelMarks {
  const marks = [...panel.matchAll(/<g class="mark-(\w+) role-mark[^"]*"[^>]*>(.*?)<\/g>/gs)];
  const labels = [...panel.matchAll(/<g class="mark-text role-axis-label"[^>]*>(.*?)<\/g>/gs)];
  return {
    texts: marks.filter(([, mark]) => mark === 'text').flatMap(([, , body]) => textsIn(body)),
    axisLabels: labels.flatMap(([, body]) => textsIn(body)),
    shapes: marks
      .filter(([, mark]) => mark !== 'text')
      .flatMap(([, mark = '', body = '']) =>
        [...body.matchAll(/<(?:path|line) [^>]*>/g)].map(([element]) => ({
          mark,
          at: numbersIn(element.match(/transform="([^"]*)"/)?.[1]),
          path: numbersIn(element.match(/ d="([^"]*)"/)?.[1] ?? element.match(/(?<= [xy]2=")[^"]*/g)?.join()),
          dashed: element.includes('stroke-dasharray'),
        })),
      ),
  };
}

function textsIn(body = ''): string[] {
  return [...body.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text = '']) =>
    text
      .replaceAll('</tspan>', '\n')
      .replace(/<[^>]*>/g, '')
      .trim(),
  );
}

function numbersIn(text = ''): number[] {
  return (text.match(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g) ?? []).map((number) => Math.round(Number(number) * 10) / 10);
}
