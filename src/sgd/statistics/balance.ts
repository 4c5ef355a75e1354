/**
 * Three vectors of the plane that have given lengths and cancel: the sides of a triangle, one after the other. The first
 * points along the first axis, the others follow counterclockwise.
 *
 * @throws {RangeError} for lengths that are not the sides of a triangle.
 */
export function balancedVectors(lengths: readonly [number, number, number]): [number, number][] {
  const [a, b, c] = lengths;
  if (!(a > 0 && b > 0 && c > 0 && a < b + c && b < a + c && c < a + b)) {
    throw new RangeError(`three vectors of lengths ${lengths.join(', ')} cannot cancel`);
  }
  // The law of cosines, for the angle by which each side turns from the one before.
  const turn = (before: number, after: number, opposite: number) =>
    Math.PI - Math.acos((before * before + after * after - opposite * opposite) / (2 * before * after));
  const second = turn(a, b, c);
  const third = second + turn(b, c, a);
  return [
    [a, 0],
    [b * Math.cos(second), b * Math.sin(second)],
    [c * Math.cos(third), c * Math.sin(third)],
  ];
}
