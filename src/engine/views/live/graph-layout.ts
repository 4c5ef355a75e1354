import type { GraphLayout, StageEdge, StageSummary } from './protocol.ts';

const POINTS_PER_INCH = 72;
const LETTER_POINTS = 7.4;
/** The page has a name, counts and a bar in a box. */
const BOX_HEIGHT = 64;
const NARROWEST_BOX = 168;

interface Drawn {
  readonly bb: string;
  readonly objects?: readonly {
    readonly name: string;
    readonly pos: string;
    readonly width: string;
    readonly height: string;
  }[];
  readonly edges?: readonly { readonly pos: string; readonly id: string }[];
}

type Stage = Pick<StageSummary, 'name'>;

const drawn = new Map<string, Promise<GraphLayout>>();
const MOST_KEPT = 16;

/** Where the boxes of stages stand, and the curves between them. Graphviz is loaded with the first graph; the same graph is laid out once. */
export function graphLayout(
  stages: readonly Stage[],
  edges: readonly StageEdge[],
  direction: 'LR' | 'TB',
): Promise<GraphLayout> {
  const name = JSON.stringify([stages.map((stage) => stage.name), edges.map(({ from, to }) => [from, to]), direction]);
  const known = drawn.get(name);
  if (known) return known;
  const layout = draw(stages, edges, direction);
  drawn.set(name, layout);
  const [oldest] = drawn.keys();
  if (drawn.size > MOST_KEPT && oldest !== undefined) drawn.delete(oldest);
  return layout;
}

async function draw(
  stages: readonly Stage[],
  edges: readonly StageEdge[],
  direction: 'LR' | 'TB',
): Promise<GraphLayout> {
  const { instance } = await import('@viz-js/viz');
  const graph = (await instance()).renderJSON({
    graphAttributes: { rankdir: direction, nodesep: 0.3, ranksep: direction === 'LR' ? 0.7 : 0.45 },
    nodeAttributes: { shape: 'box', fixedsize: true, height: BOX_HEIGHT / POINTS_PER_INCH, label: '' },
    edgeAttributes: { arrowhead: 'none' },
    nodes: stages.map(({ name }, position) => ({
      name: String(position),
      attributes: { width: widthOf(name) / POINTS_PER_INCH },
    })),
    edges: edges.map(({ from, to }, position) => ({
      tail: String(from),
      head: String(to),
      attributes: { id: String(position) },
    })),
  }) as Drawn;
  const [, , width = 0, height = 0] = numbers(graph.bb);
  const flip = (y: number) => height - y;
  const boxes = new Array<GraphLayout['boxes'][number]>(stages.length);
  for (const object of graph.objects ?? []) {
    const [x = 0, y = 0] = numbers(object.pos);
    boxes[Number(object.name)] = {
      x,
      y: flip(y),
      width: Number(object.width) * POINTS_PER_INCH,
      height: Number(object.height) * POINTS_PER_INCH,
    };
  }
  const curves = new Array<GraphLayout['curves'][number]>(edges.length).fill([]);
  for (const { id, pos } of graph.edges ?? []) {
    const points = pos.split(' ').filter((each) => /^-?[\d.]/.test(each));
    curves[Number(id)] = points.map((each) => {
      const [x = 0, y = 0] = numbers(each);
      return [x, flip(y)] as const;
    });
  }
  return { width, height, boxes, curves };
}

function widthOf(name: string): number {
  return Math.max(NARROWEST_BOX, Math.ceil(name.length * LETTER_POINTS) + 28);
}

function numbers(text: string): readonly number[] {
  return text.split(',').map(Number);
}
