"""The concentration κ of a von Mises–Fisher distribution on the unit sphere of R^d, from the mean resultant length r̄.

The formulas of src/sgd/statistics/concentration.ts: the Bessel functions leave the range of float64, so only their ratio is computed.
"""

from __future__ import annotations

import math
import sys

_EPSILON = sys.float_info.epsilon


def banerjee_concentration(dimension: int, resultant_length: float) -> float:
    """κ̂ = r̄ (d − r̄²) / (1 − r̄²), which the paper reports (Banerjee et al., JMLR 6, 2005, eq. 4.4). r̄ = 1 gives inf."""
    _check(dimension, resultant_length)
    r = resultant_length
    gap = (1 - r) * (1 + r)
    return r * (dimension - r * r) / gap if gap > 0 else math.inf


def banerjee_derivative(dimension: int, resultant_length: float) -> float:
    """dκ̂/dr̄ = (d + (d − 3) r̄² + r̄⁴) / (1 − r̄²)², by the quotient rule (Lemma 1 of the paper prints another one)."""
    _check(dimension, resultant_length)
    square = resultant_length**2
    gap = (1 - resultant_length) * (1 + resultant_length)
    return (dimension + (dimension - 3) * square + square * square) / (gap * gap) if gap > 0 else math.inf


def corrected_concentration(dimension: int, resultant_length: float) -> float:
    """κ̂ − r̄³ / (1 + r̄²), the next term of the expansion of the exact estimate in 1/d; for d ≥ 10⁴."""
    r = resultant_length
    return banerjee_concentration(dimension, r) - r**3 / (1 + r * r)


def exact_concentration(dimension: int, resultant_length: float) -> float:
    """The maximum likelihood estimate: solves A_d(κ) = r̄ by Newton's method, A_d′ = 1 − A_d² − (d − 1) A_d / κ."""
    _check(dimension, resultant_length)
    r = resultant_length
    if r == 0 or r == 1:
        return 0.0 if r == 0 else math.inf
    order = dimension / 2 - 1
    # An upper bound of the ratio gives a lower bound of κ, and the other way round.
    least = _invert_amos_bound(order, _simpson_spector(order), r)
    most = _invert_amos_bound(order, _amos(order), r)
    tolerance = 2 * _EPSILON / (1 - r)
    kappa = min(most, max(least, corrected_concentration(dimension, r)))
    for _ in range(32):
        ratio = bessel_ratio(dimension, kappa)
        if ratio == r:
            break
        derivative = 1 - ratio * ratio - (dimension - 1) * ratio / kappa
        # Where r̄ → 1 the derivative drowns in rounding; the bracket is narrower than the tolerance there.
        step = (ratio - r) / derivative if derivative != 0 else 0.0
        following = min(most, max(least, kappa - step))
        settled = abs(following - kappa) <= tolerance * kappa
        kappa = following
        if settled:
            break
    return kappa


def bessel_ratio(dimension: int, kappa: float) -> float:
    """A_d(κ) = I_{d/2}(κ) / I_{d/2−1}(κ), the mean of ⟨µ, x⟩ under VMF(µ, κ).

    Gauss's continued fraction r_{ν−1} = κ / (2ν + κ r_ν), evaluated backward from an upper and a lower bound of its tail, deeper and
    deeper until the two meet.
    """
    _check(dimension, 0.0)
    if not kappa >= 0:
        raise ValueError(f"a concentration is at least 0, not {kappa}")
    if kappa == 0 or kappa == math.inf:
        return 0.0 if kappa == 0 else 1.0
    order = dimension / 2 - 1
    depth = 0
    while True:
        tail = order + depth
        first = _amos_bound(tail, _amos(tail), kappa)
        second = _amos_bound(tail, _simpson_spector(tail), kappa)
        for step in range(depth, 0, -1):
            twice = 2 * (order + step)
            first = kappa / (twice + kappa * first)
            second = kappa / (twice + kappa * second)
        if abs(first - second) <= 4 * _EPSILON * first:
            return (first + second) / 2
        depth = 2 * depth + 8


def _amos(order: float) -> float:
    """β² of the lower bound of I_{ν+1}(κ) / I_ν(κ), β = ν + 3/2 (Amos, Math. Comp. 28, 1974, eq. 16)."""
    return (order + 1.5) * (order + 1.5)


def _simpson_spector(order: float) -> float:
    """β² of the upper bound, (ν + 1/2)(ν + 3/2) (Simpson, Spector, Quart. Appl. Math. 42, 1984)."""
    return (order + 0.5) * (order + 1.5)


def _amos_bound(order: float, beta_squared: float, kappa: float) -> float:
    return kappa / (order + 0.5 + math.hypot(kappa, math.sqrt(beta_squared)))


def _invert_amos_bound(order: float, beta_squared: float, r: float) -> float:
    """The positive root of κ² (1 − r²) − 2 α r κ − r² (β² − α²) = 0, α = ν + 1/2."""
    alpha = order + 0.5
    gap = (1 - r) * (1 + r)
    return r * (alpha + math.sqrt(alpha * alpha + (beta_squared - alpha * alpha) * gap)) / gap


def _check(dimension: int, resultant_length: float) -> None:
    if not (isinstance(dimension, int) and dimension >= 2):
        raise ValueError(f"the dimension is an integer of at least 2, not {dimension}")
    if not 0 <= resultant_length <= 1:
        raise ValueError(f"a mean resultant length lies in [0, 1], and {resultant_length} does not")
