"""Directional statistics of minibatch gradients from their sums, with the formulas of src/sgd/statistics and no library.

With x_i = ĝ_i / ‖ĝ_i‖ and S = Σ x_i, they follow from ‖ĝ_i‖, ‖S‖, ‖Σ ĝ_i‖ / n and ⟨x_i, S⟩.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Sequence

from .concentration import banerjee_concentration, banerjee_derivative, exact_concentration

#: The 97.5 % quantile of the standard normal distribution.
NORMAL_QUANTILE = 1.959963984540054

#: The relative uncertainty of float64 sums over millions of components (statistics.ts, SUM_ROUNDING): a smaller spread cannot be
#: distinguished from zero.
SUM_ROUNDING = 1e-12


@dataclass(frozen=True)
class DirectionalSamples:
    """The sums over n sampled minibatch gradients ĝ_i: what the stage `estimate` reads."""

    #: d, the number of trainable parameters.
    dimension: int
    #: ‖ĝ_i‖, of length n ≥ 1.
    norms: Sequence[float]
    #: ‖S‖.
    resultant: float
    #: ‖Σ ĝ_i‖ / n.
    mean_gradient_norm: float
    #: ⟨x_i, S⟩ of the first k ≤ n minibatches; may be empty.
    jackknife_products: Sequence[float] = ()


@dataclass(frozen=True)
class DirectionalStatistics:
    """The statistics of a sample. ``None`` stands for a value that is undefined or infinite."""

    dimension: int
    samples: int
    #: r̄ = ‖S‖ / n.
    resultant_length: float
    #: κ̂ of the paper (Banerjee et al. 2005, eq. 4.4).
    kappa: float | None
    #: The maximum likelihood estimate of κ.
    kappa_exact: float | None
    #: ρ̂ = √max(0, (n r̄² − 1) / (n − 1)).
    debiased_resultant_length: float | None
    #: κ̂ at r̄ = 1/√n, its value for directions without any preference.
    noise_floor: float | None
    #: The jackknife's standard error of r̄ times dκ̂/dr̄.
    kappa_standard_error: float | None
    #: κ̂ at the ends of the 95 % interval of r̄.
    kappa_lower: float | None
    kappa_upper: float | None
    #: k, the number of minibatches that the jackknife left out in turn.
    jackknife_samples: int
    #: ‖E ∇f‖ / √tr Cov ∇f.
    snr: float | None
    #: E‖∇f‖ / √Var‖∇f‖.
    norm_snr: float | None
    mean_norm: float
    mean_gradient_norm: float

    def to_json(self) -> dict[str, Any]:
        """With the names of the output of the stage `estimate`."""
        return {_camel_case(name): value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class GradientNoise:
    """What a sample says about the noise of single examples (src/sgd/statistics/gradient-noise.ts). ``None`` where it is undefined or infinite."""

    #: m, the number of examples in a minibatch.
    batch_size: int | None
    #: tr(Σ)/‖g‖² (McCandlish et al. 2018), Σ the covariance of one example's gradient.
    noise_scale: float | None = None
    #: ‖g‖²/tr(Σ), which is SNR²/m without the bias of SNR.
    snr_squared_per_example: float | None = None
    #: E‖Σ_z ∇f_z‖² / E Σ_z ‖∇f_z‖² over the m examples z of a minibatch (Chatterjee, Zielinski 2020).
    m_coherence: float | None = None

    def to_json(self) -> dict[str, Any]:
        """With the names of the output of the stage `estimate`."""
        return {_camel_case(name): value for name, value in asdict(self).items()}


def gradient_noise(samples: DirectionalSamples, batch_size: int | None) -> GradientNoise:
    """Noise scale and coherence of a sample (gradient-noise.ts, gradientNoise)."""
    _check(samples)
    count = len(samples.norms)
    if batch_size is None or count < 2:
        return GradientNoise(batch_size)
    of_one = math.fsum(norm * norm for norm in samples.norms) / count
    of_group = samples.mean_gradient_norm**2
    small, large = batch_size, count * batch_size
    squared_norm = (large * of_group - small * of_one) / (large - small)
    trace = (of_one - of_group) / (1 / small - 1 / large)
    if trace <= 2 * SUM_ROUNDING * batch_size * of_one:
        trace = 0.0
    return GradientNoise(
        batch_size,
        noise_scale=trace / squared_norm if squared_norm > 0 else None,
        snr_squared_per_example=squared_norm / trace if trace > 0 else None,
        m_coherence=batch_size * of_one / (squared_norm + trace),
    )


def effective_dimension(cosines: Sequence[float]) -> float | None:
    """1/E⟨x, x′⟩² from the cosines of consecutive gradients (gradient-noise.ts, effectiveDimension)."""
    squares = math.fsum(cosine * cosine for cosine in cosines)
    return len(cosines) / squares if squares > 0 else None


def directional_statistics(samples: DirectionalSamples) -> DirectionalStatistics:
    """All statistics of a sample from its sums (src/sgd/statistics/statistics.ts, directionalStatistics)."""
    _check(samples)
    dimension, norms, products = samples.dimension, samples.norms, samples.jackknife_products
    count = len(norms)
    ratio = samples.resultant / count
    r = ratio if 1 - ratio > SUM_ROUNDING else 1.0
    error = _jackknife_standard_error(samples.resultant, count, products)
    margin = NORMAL_QUANTILE * (error or 0.0)
    mean_norm = _mean(norms)
    norm_variance = _variance(norms)
    trace = _covariance_trace(count, mean_norm, norm_variance, samples.mean_gradient_norm)

    def kappa(length: float) -> float | None:
        return _finite(banerjee_concentration(dimension, length))

    return DirectionalStatistics(
        dimension=dimension,
        samples=count,
        resultant_length=r,
        kappa=kappa(r),
        kappa_exact=_finite(exact_concentration(dimension, r)),
        debiased_resultant_length=math.sqrt(max(0.0, (count * r * r - 1) / (count - 1))) if count > 1 else None,
        noise_floor=kappa(1 / math.sqrt(count)) if count > 1 else None,
        kappa_standard_error=None if error is None else _finite(error * banerjee_derivative(dimension, r)),
        kappa_lower=None if error is None else kappa(max(0.0, r - margin)),
        kappa_upper=None if error is None else kappa(min(1.0, r + margin)),
        jackknife_samples=len(products),
        # A relative error ε of the mean norm M and of ‖ḡ‖ enters the trace as 2 ε M².
        snr=_signal_to_noise(samples.mean_gradient_norm, trace, 2 * SUM_ROUNDING * mean_norm**2),
        norm_snr=_signal_to_noise(mean_norm, norm_variance, (SUM_ROUNDING * mean_norm) ** 2),
        mean_norm=mean_norm,
        mean_gradient_norm=samples.mean_gradient_norm,
    )


def _covariance_trace(count: int, mean_norm: float, norm_variance: float, mean_gradient_norm: float) -> float:
    """tr Cov ∇f = Σ ‖ĝ_i − ḡ‖² / (n − 1) about the mean norm M: Var‖ĝ‖ + n/(n − 1) · (M − ‖ḡ‖)(M + ‖ḡ‖) (statistics.ts, covarianceTrace)."""
    if count < 2:
        return math.nan
    shortening = max(0.0, mean_norm - mean_gradient_norm)
    return norm_variance + count / (count - 1) * shortening * (mean_norm + mean_gradient_norm)


def _signal_to_noise(signal: float, noise_variance: float, rounding: float) -> float | None:
    return signal / math.sqrt(noise_variance) if noise_variance > rounding else None


def _jackknife_standard_error(resultant: float, count: int, products: Sequence[float]) -> float | None:
    """The delete-one jackknife of r̄ (Efron 1982, ch. 3; statistics.ts, jackknifeStandardError).

    s² / n, with s² the sample variance of δ_i = ‖S − x_i‖ − ‖S‖ = (1 − 2⟨x_i, S⟩) / (‖S − x_i‖ + ‖S‖), which loses no digits.
    """
    if len(products) < 2:
        return None
    changes = []
    for product in products:
        without = math.sqrt(max(0.0, resultant * resultant + (1 - 2 * product)))
        changes.append((1 - 2 * product) / (without + resultant) if without + resultant > 0 else 0.0)
    return math.sqrt(_variance(changes) / count)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    """Unbiased; nan for a single value."""
    if len(values) < 2:
        return math.nan
    centre = _mean(values)
    return math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _check(samples: DirectionalSamples) -> None:
    fact = _contradiction(samples)
    if fact is not None:
        raise ValueError(f"{fact}. Sample the minibatches again.")


def _contradiction(samples: DirectionalSamples) -> str | None:
    count, products, slack = len(samples.norms), samples.jackknife_products, 1 + 1e-6
    if count == 0:
        return "the sample holds no minibatch"
    if not all(math.isfinite(norm) and norm > 0 for norm in samples.norms):
        return "a gradient norm is zero or not finite"
    if not 0 <= samples.resultant <= count * slack:
        return f"the sum of {count} unit vectors cannot have length {samples.resultant}"
    if not 0 <= samples.mean_gradient_norm <= _mean(samples.norms) * slack:
        return f"the mean gradient cannot have norm {samples.mean_gradient_norm}: the mean of the norms is {_mean(samples.norms)}"
    if len(products) > count:
        return f"there are {len(products)} jackknife products of {count} minibatches"
    if not all(abs(product) <= samples.resultant * slack + 1e-6 for product in products):
        return "a jackknife product ⟨x_i, S⟩ is larger than ‖S‖"
    return None
