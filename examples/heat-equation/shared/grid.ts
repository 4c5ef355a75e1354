/** The modes of the temperature at time 0: wave number and amplitude. */
export const MODES = [
  { wave: 1, amplitude: 1 },
  { wave: 3, amplitude: 0.5 },
] as const;

/** Distance of neighbouring points on a rod of length 1 with `points` inner points. */
export function spacing(points: number): number {
  return 1 / (points + 1);
}

/**
 * The solution of u' = Δu with Δ the second difference on this grid. Each sine is an eigenvector of Δ, to the
 * eigenvalue −(4/h²) sin²(kπh/2). So the difference between this and a scheme's result is the error of its time steps alone.
 */
export function exactTemperature(points: number, time: number): Float64Array {
  const h = spacing(points);
  return Float64Array.from({ length: points }, (_, index) =>
    MODES.reduce((sum, { wave, amplitude }) => {
      const eigenvalue = (4 / h ** 2) * Math.sin((wave * Math.PI * h) / 2) ** 2;
      return sum + amplitude * Math.exp(-eigenvalue * time) * Math.sin(wave * Math.PI * (index + 1) * h);
    }, 0),
  );
}
