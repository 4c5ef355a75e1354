/** What a sample of n minibatch gradients is expected from. */
export interface ExpectedFrom {
  /** B = tr(Σ)/‖g‖². */
  readonly noiseScale: number;
  /** m */
  readonly batchSize: number;
  /** n */
  readonly samples: number;
  /** E‖ĝ‖/√Var‖ĝ‖. Without it, all gradients are taken to have one norm. */
  readonly normSnr?: number;
}

/**
 * κ̂/d as the noise scale predicts it: r̄/(1 − r̄²) with r̄² = ρ² + (1 − ρ²)/n, where ρ = ‖E x‖ for directions x = ĝ/‖ĝ‖.
 *
 * For gradients of one norm, ρ² = ‖g‖²/E‖ĝ‖² = m/(B + m). Then κ̂/d is √(m/B) for m far below B and m/B far above, without end of n.
 * If norms vary, but do not depend on directions, g = E‖ĝ‖·E x. Then ρ² = ‖g‖²/(E‖ĝ‖)² = m/(B + m)·(1 + 1/normSNR²).
 *
 * @returns Infinity where ρ² reaches 1, which independent norms do not allow
 */
export function expectedConcentration({
  noiseScale,
  batchSize,
  samples,
  normSnr = Number.POSITIVE_INFINITY,
}: ExpectedFrom): number {
  const square = Math.min(1, (batchSize / (noiseScale + batchSize)) * (1 + 1 / normSnr ** 2));
  const expected = square + (1 - square) / samples;
  return Math.sqrt(expected) / (1 - expected);
}
