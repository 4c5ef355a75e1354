/**
 * Advances u' = Δu by one step of the θ scheme, (1 − θ r Δ) u⁺ = (1 + (1 − θ) r Δ) u with r = step / h² and Δ the
 * second difference; the ends of the rod are at 0. θ = 0 is the explicit Euler scheme, 1 the implicit one, ½ that of Crank and Nicolson.
 */
export function thetaStep(temperature: Float64Array, ratio: number, theta: number): Float64Array {
  const right = temperature.map((value, index) => {
    const neighbours = (temperature[index - 1] ?? 0) + (temperature[index + 1] ?? 0);
    return value + (1 - theta) * ratio * (neighbours - 2 * value);
  });
  return theta === 0 ? right : solveTridiagonal(1 + 2 * theta * ratio, -theta * ratio, right);
}

export const THETA: Readonly<Record<string, number>> = { explicit: 0, implicit: 1, 'crank-nicolson': 0.5 };

/** Thomas' algorithm for a tridiagonal matrix with one value on its diagonal and one off it. */
function solveTridiagonal(diagonal: number, beside: number, right: Float64Array): Float64Array {
  const size = right.length;
  const factors = new Float64Array(size);
  const solution = new Float64Array(size);
  let pivot = diagonal;
  solution[0] = (right[0] ?? 0) / pivot;
  for (let row = 1; row < size; row++) {
    factors[row] = beside / pivot;
    pivot = diagonal - beside * (factors[row] ?? 0);
    solution[row] = ((right[row] ?? 0) - beside * (solution[row - 1] ?? 0)) / pivot;
  }
  for (let row = size - 2; row >= 0; row--) {
    solution[row] = (solution[row] ?? 0) - (factors[row + 1] ?? 0) * (solution[row + 1] ?? 0);
  }
  return solution;
}
