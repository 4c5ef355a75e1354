/** A point or vector of R^d: a list of d numbers, or a tuple of them. */
type Vector = readonly number[];

/** The unit vectors from w towards each of the points p_j, (p_j − w)/‖p_j − w‖. No p_j is w. */
export function unitsTowards<V extends Vector>(points: readonly V[], from: V): V[] {
  return points.map((point) => unit(moved(point, from, -1)));
}

/** The sum of vectors of one length; there is at least one. */
export function sumOf<V extends Vector>(vectors: readonly V[]): V {
  return vectors.reduce((sum, vector) => moved(sum, vector, 1));
}

/** v / ‖v‖. */
export function unit<V extends Vector>(vector: V): V {
  const length = lengthOf(vector);
  return mapped(vector, (component) => component / length);
}

/**
 * f′(0) = −2 Σ_j (‖u‖² − ⟨u, x_j⟩²)/‖p_j − w‖ of f(ε) = ‖Σ_j unit(p_j − w − εu)‖², where x_j are the units towards the points
 * and u = Σ x_j (the paper's Lemma 2). Negative, unless all points lie on one line through w.
 */
export function resultantSlope<V extends Vector>(points: readonly V[], from: V): number {
  const units = unitsTowards(points, from);
  const u = sumOf(units);
  return points.reduce((slope, point, j) => {
    const along = product(u, units[j] as V);
    return slope - (2 * (product(u, u) - along * along)) / lengthOf(moved(point, from, -1));
  }, 0);
}

/**
 * How far a step v may be from u for the paper's Theorem 3: |f′(0)| min_j ‖p_j − w‖ / (4 n²) for n points. A step along v with
 * ‖u − v‖ below it makes ‖Σ unit(p_j − w)‖ fall as well, if it is short enough.
 */
export function toleratedDeviation<V extends Vector>(points: readonly V[], from: V): number {
  const nearest = Math.min(...points.map((point) => lengthOf(moved(point, from, -1))));
  return (Math.abs(resultantSlope(points, from)) * nearest) / (4 * points.length ** 2);
}

/** The parameters: minimisers p_j of minibatch losses, and the start of the step. */
export interface StepOptions<V extends Vector> {
  readonly minimisers: readonly V[];
  /** w */
  readonly from: V;
  readonly epsilon: number;
  /** The largest ε of the curves. */
  readonly furthest: number;
  /** The losses' Hessian is diag(condition, 1, …, 1). */
  readonly condition: number;
}

/** Points of each curve. */
const CURVE_POINTS = 97;

/**
 * A step by εu along u = Σ unit(p_j − w), and the length of the sum of the unit vectors against the length of the step: along u
 * (Lemma 2), and along v, the sum of the directions of the negative gradients of quadratic losses whose minimisers are the p_j
 * (Theorem 3).
 */
export function stepTowardsMinimisers<V extends Vector>({
  minimisers,
  from,
  epsilon,
  furthest,
  condition,
}: StepOptions<V>) {
  const viewFrom = (point: V) => {
    const units = unitsTowards(minimisers, point);
    return { point, units, resultant: sumOf(units) };
  };
  const before = viewFrom(from);
  const u = before.resultant;
  const gradients = minimisers.map((minimiser) =>
    mapped(moved(minimiser, from, -1), (component, axis) => (axis === 0 ? condition : 1) * component),
  );
  const v = sumOf(gradients.map(unit));
  const along = (direction: V) =>
    Array.from({ length: CURVE_POINTS }, (_, index) => {
      const length = (furthest * index) / (CURVE_POINTS - 1);
      return { epsilon: length, length: lengthOf(viewFrom(moved(from, direction, length)).resultant) };
    });
  return {
    minimisers,
    epsilon,
    before,
    after: viewFrom(moved(from, u, epsilon)),
    alongUnits: along(u),
    alongGradients: along(v),
    condition,
    deviation: lengthOf(moved(u, v, -1)),
    tolerated: toleratedDeviation(minimisers, from),
  };
}

/** point + ε·step. */
export function moved<V extends Vector>(point: V, step: V, epsilon: number): V {
  return mapped(point, (component, i) => component + epsilon * (step[i] as number));
}

function mapped<V extends Vector>(vector: V, change: (component: number, index: number) => number): V {
  // A list of as many numbers, so a tuple stays one.
  return vector.map(change) as Vector as V;
}

/** ‖v‖. */
export function lengthOf(vector: Vector): number {
  return Math.hypot(...vector);
}

function product(a: Vector, b: Vector): number {
  return a.reduce((sum, component, i) => sum + component * (b[i] as number), 0);
}
