from __future__ import annotations

import math
import random

import pytest

from vmfdag.concentration import banerjee_concentration, banerjee_derivative, bessel_ratio, corrected_concentration, exact_concentration
from vmfdag.statistics import DirectionalSamples, directional_statistics, effective_dimension, gradient_noise


def near(expected: float, tolerance: float = 1e-12):
    return pytest.approx(expected, rel=tolerance, abs=0)


@pytest.mark.parametrize("kappa", [0.5, 1, 7, 60, 400])
def test_the_ratio_is_coth_minus_inverse_in_three_dimensions(kappa):
    assert bessel_ratio(3, kappa) == near(1 / math.tanh(kappa) - 1 / kappa, 1e-13)


# mpmath, 50 digits (test/sgd/statistics/concentration.test.ts).
@pytest.mark.parametrize(
    "dimension, kappa, ratio",
    [(2, 0.001, 0.0004999999375000105), (2, 7.5, 0.9307247343491271), (5, 20, 0.9026315789473685), (10, 10, 0.6336683916233053), (101, 37, 0.32763415406701885)],
)
def test_the_ratio_agrees_with_mpmath(dimension, kappa, ratio):
    assert bessel_ratio(dimension, kappa) == near(ratio, 1e-14)
    assert exact_concentration(dimension, ratio) == near(kappa, 1e-11)


def test_concentrations_agree_at_high_dimension_and_increase():
    lengths = [0.01, 0.1, 0.5, 0.9, 0.99]
    for r in lengths:
        assert exact_concentration(635_200, r) == near(corrected_concentration(635_200, r), 1e-10)
        step = 1e-6
        difference = (banerjee_concentration(100, r + step) - banerjee_concentration(100, r - step)) / (2 * step)
        assert banerjee_derivative(100, r) == near(difference, 1e-6)
    values = [banerjee_concentration(635_200, r) for r in lengths]
    assert values == sorted(values)
    assert banerjee_concentration(5, 0) == exact_concentration(5, 0) == 0
    assert banerjee_concentration(5, 1) == exact_concentration(5, 1) == math.inf


@pytest.mark.parametrize("dimension, r", [(1, 0.5), (2.5, 0.5), (3, -0.1), (3, 1.1), (3, math.nan)])
def test_arguments_outside_their_range_are_refused(dimension, r):
    with pytest.raises(ValueError):
        banerjee_concentration(dimension, r)


def norm(vector):
    return math.sqrt(math.fsum(x * x for x in vector))


def total(vectors):
    return [math.fsum(column) for column in zip(*vectors)]


def variance(values):
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def samples_of(gradients, jackknifed=None):
    norms = [norm(g) for g in gradients]
    directions = [[x / n for x in g] for g, n in zip(gradients, norms)]
    S = total(directions)
    products = [math.fsum(a * b for a, b in zip(x, S)) for x in directions[:jackknifed]]
    return DirectionalSamples(len(S), norms, norm(S), norm(total(gradients)) / len(gradients), products), directions


@pytest.mark.parametrize("count, dimension, shift", [(40, 6, 0.0), (25, 5, 1.0), (2, 4, 3.0), (30, 2, 8.0)])
def test_agrees_with_the_definitions_and_with_leaving_one_out(count, dimension, shift):
    draw = random.Random(count)
    gradients = [[draw.gauss(shift, 1) for _ in range(dimension)] for _ in range(count)]
    samples, directions = samples_of(gradients)
    found = directional_statistics(samples)
    centre = [x / count for x in total(gradients)]
    trace = math.fsum(norm([a - b for a, b in zip(g, centre)]) ** 2 for g in gradients) / (count - 1)
    norms = [norm(g) for g in gradients]
    r = norm(total(directions)) / count
    without = [norm(total(directions[:i] + directions[i + 1 :])) / (count - 1) for i in range(count)]
    error = math.sqrt((count - 1) ** 2 / count * variance(without))
    assert found.kappa == near(r * (dimension - r * r) / (1 - r * r))
    assert bessel_ratio(dimension, found.kappa_exact) == near(r)
    assert found.snr == near(norm(centre) / math.sqrt(trace), 1e-10)
    assert found.norm_snr == near(math.fsum(norms) / count / math.sqrt(variance(norms)), 1e-10)
    assert found.noise_floor == near(banerjee_concentration(dimension, 1 / math.sqrt(count)))
    # Of two, each left out leaves a unit vector: the error is zero, up to the rounding of this computation.
    assert found.kappa_standard_error == pytest.approx(error * banerjee_derivative(dimension, r), rel=1e-9, abs=1e-7)
    assert found.kappa_lower == near(banerjee_concentration(dimension, max(0, r - 1.959963984540054 * error)), 1e-9)
    upper = r + 1.959963984540054 * error
    assert found.kappa_upper == (None if upper >= 1 else near(banerjee_concentration(dimension, upper), 1e-9))


def test_noise_floors_are_those_of_the_paper():
    for dimension, floor in ((635_200, 11_601), (1_915_200, 34_978), (171_568, 3_133)):
        found = directional_statistics(DirectionalSamples(dimension, [1.0] * 3000, 100.0, 0.01))
        assert round(found.noise_floor) == floor


def test_what_is_undefined_is_none():
    alone = directional_statistics(DirectionalSamples(3, [2.0], 1.0, 2.0))
    assert (alone.kappa, alone.snr, alone.norm_snr, alone.noise_floor, alone.kappa_lower) == (None,) * 5
    alike = directional_statistics(DirectionalSamples(3, [2.0, 2.0], 2.0, 2.0, [2.0, 2.0]))
    assert (alike.kappa, alike.snr, alike.norm_snr) == (None,) * 3


@pytest.mark.parametrize(
    "samples, fact",
    [
        (DirectionalSamples(3, [], 0, 0), "no minibatch"),
        (DirectionalSamples(3, [0.0], 1, 0), "zero or not finite"),
        (DirectionalSamples(3, [1.0], 2, 1), "cannot have length 2"),
        (DirectionalSamples(3, [1.0], 1, 2), "cannot have norm 2"),
        (DirectionalSamples(3, [1.0], 1, 1, [1, 1]), "2 jackknife products of 1"),
        (DirectionalSamples(3, [1.0], 1, 1, [3]), "larger than"),
    ],
)
def test_sums_that_contradict_each_other_are_refused(samples, fact):
    with pytest.raises(ValueError, match=fact):
        directional_statistics(samples)


def test_the_noise_scale_has_the_values_of_a_closed_form():
    # (1, 0) and (1, 2): ‖g‖² = 1, tr Cov = 2 (test/sgd/statistics/gradient-noise.test.ts).
    samples, _ = samples_of([[1.0, 0.0], [1.0, 2.0]])
    noise = gradient_noise(samples, 10)
    assert (noise.noise_scale, noise.snr_squared_per_example, noise.m_coherence) == (near(20), near(0.05), near(30 / 21))
    assert gradient_noise(samples, None).noise_scale is None
    assert gradient_noise(samples_of([[1.0, 0.0], [-1.0, 0.1]])[0], 4).noise_scale is None
    assert gradient_noise(samples_of([[0.3, 0.4]] * 3)[0], 4).to_json() == {"batchSize": 4, "noiseScale": 0.0, "snrSquaredPerExample": None, "mCoherence": near(4)}


def test_the_effective_dimension_is_the_inverse_mean_square():
    assert effective_dimension([0.5, -0.5]) == near(4)
    assert effective_dimension([]) is None
