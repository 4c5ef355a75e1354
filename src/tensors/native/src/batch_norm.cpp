// Batch normalisation with the batch's own statistics, over rows of channels ([rows, channels], channels contiguous),
// with an optional ReLU at its end, and the gradient.
#include <cmath>
#include <vector>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;

// Several rows are treated as one long row of `width` columns, so that few channels still fill the vector registers.
struct Lanes {
  size_t rows, channels;
  size_t repeats;  // rows per long row
  size_t width;

  Lanes(size_t rowCount, size_t channelCount)
      : rows(rowCount), channels(channelCount), repeats(std::max<size_t>(1, 256 / channelCount)), width(repeats * channels) {}

  std::vector<float> tile(const std::vector<float>& perChannel) const {
    std::vector<float> tiled(width);
    for (size_t at = 0; at < width; at += channels) std::copy(perChannel.begin(), perChannel.end(), tiled.begin() + at);
    return tiled;
  }
};

// Single-precision partial sums are folded into double ones after this many long rows, which bounds their rounding.
constexpr size_t kRowsPerFold = 32;
// Rows that one thread sums on its own; fixed, so that the order of the sums does not depend on the number of threads.
constexpr size_t kRowsPerChunk = 8192;

VECTORISED void addDeviationsTo(float* __restrict sums, float* __restrict squares, const float* __restrict x,
                                const float* __restrict pivot, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float deviation = x[i] - pivot[i];
    sums[i] += deviation;
    squares[i] += deviation * deviation;
  }
}

VECTORISED void addGradientsTo(float* __restrict sums, float* __restrict products, const float* __restrict dy,
                               const float* __restrict x, const float* __restrict mean, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float deviation = x[i] - mean[i];
    sums[i] += dy[i];
    products[i] += dy[i] * deviation;
  }
}

// Computes the ReLU cut again from x, which is read anyway, by the expression of normaliseAndRectify.
VECTORISED void addMaskedGradientsTo(float* __restrict sums, float* __restrict products, const float* __restrict dy,
                                     const float* __restrict x, const float* __restrict mean,
                                     const float* __restrict scale, const float* __restrict shift, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float deviation = x[i] - mean[i];
    const float gradient = deviation * scale[i] + shift[i] > 0.0f ? dy[i] : 0.0f;
    sums[i] += gradient;
    products[i] += gradient * deviation;
  }
}

VECTORISED void normalise(float* __restrict y, const float* __restrict x, const float* __restrict mean,
                          const float* __restrict scale, const float* __restrict shift, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] = (x[i] - mean[i]) * scale[i] + shift[i];
}

VECTORISED void normaliseAndRectify(float* __restrict y, const float* __restrict x, const float* __restrict mean,
                                    const float* __restrict scale, const float* __restrict shift, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float value = (x[i] - mean[i]) * scale[i] + shift[i];
    y[i] = value <= 0.0f ? 0.0f : value;
  }
}

VECTORISED void inputGradient(float* __restrict dx, const float* __restrict dy, const float* __restrict x,
                              const float* __restrict mean, const float* __restrict scale, const float* __restrict offset,
                              const float* __restrict slope, size_t n) {
  for (size_t i = 0; i < n; ++i) dx[i] = scale[i] * (dy[i] - offset[i] - (x[i] - mean[i]) * slope[i]);
}

VECTORISED void maskedInputGradient(float* __restrict dx, const float* __restrict dy, const float* __restrict x,
                                    const float* __restrict mean, const float* __restrict scale,
                                    const float* __restrict shift, const float* __restrict offset,
                                    const float* __restrict slope, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float deviation = x[i] - mean[i];
    const float gradient = deviation * scale[i] + shift[i] > 0.0f ? dy[i] : 0.0f;
    dx[i] = scale[i] * (gradient - offset[i] - deviation * slope[i]);
  }
}

VECTORISED void addTo(double* __restrict totals, const float* __restrict terms, size_t n) {
  for (size_t i = 0; i < n; ++i) totals[i] += terms[i];
}

// Runs visit(offset, length) over the long rows of [0, rows), the last one possibly short.
template <typename Visit>
void forLongRows(const Lanes& lanes, size_t firstRow, size_t lastRow, const Visit& visit) {
  for (size_t row = firstRow; row < lastRow; row += lanes.repeats) {
    visit(row * lanes.channels, std::min(lanes.repeats, lastRow - row) * lanes.channels);
  }
}

// Per-channel sums of `Terms` quantities: add(sums, offset, length) adds a long row to Terms · width partial sums.
template <size_t Terms, typename Add>
std::vector<double> channelSums(const Lanes& lanes, const Add& add) {
  const size_t chunks = (lanes.rows + kRowsPerChunk - 1) / kRowsPerChunk;
  std::vector<double> perChunk(chunks * Terms * lanes.channels);
  runtime::parallel(chunks, 1, [&](size_t begin, size_t end) {
    std::vector<float> partial(Terms * lanes.width);
    for (size_t chunk = begin; chunk < end; ++chunk) {
      double* totals = perChunk.data() + chunk * Terms * lanes.channels;
      size_t pending = 0;
      const auto fold = [&] {
        for (size_t term = 0; term < Terms; ++term) {
          for (size_t at = 0; at < lanes.width; at += lanes.channels) {
            addTo(totals + term * lanes.channels, partial.data() + term * lanes.width + at, lanes.channels);
          }
        }
        std::fill(partial.begin(), partial.end(), 0.0f);
        pending = 0;
      };
      forLongRows(lanes, chunk * kRowsPerChunk, std::min(lanes.rows, (chunk + 1) * kRowsPerChunk),
                  [&](size_t offset, size_t length) {
                    add(partial.data(), offset, length);
                    if (++pending == kRowsPerFold) fold();
                  });
      fold();
    }
  });
  std::vector<double> totals(Terms * lanes.channels);
  for (size_t chunk = 0; chunk < chunks; ++chunk) {
    for (size_t i = 0; i < totals.size(); ++i) totals[i] += perChunk[chunk * totals.size() + i];
  }
  return totals;
}

std::vector<float> toFloats(const double* values, size_t n, double factor) {
  std::vector<float> floats(n);
  for (size_t i = 0; i < n; ++i) floats[i] = static_cast<float>(values[i] * factor);
  return floats;
}

// The mean of each channel over the first rows: few suffice for a value near the channel's mean.
std::vector<float> pivotOf(const Lanes& lanes, const float* x) {
  const size_t rows = std::min<size_t>(lanes.rows, 16);
  std::vector<double> sums(lanes.channels);
  for (size_t row = 0; row < rows; ++row) addTo(sums.data(), x + row * lanes.channels, lanes.channels);
  return toFloats(sums.data(), lanes.channels, 1.0 / std::max<size_t>(1, rows));
}

// From the stored variance, so that the gradient uses the same factor to the bit.
VECTORISED void scalesOf(float* __restrict scale, const float* __restrict gamma, const float* __restrict variance,
                         double epsilon, size_t n) {
  for (size_t c = 0; c < n; ++c) scale[c] = static_cast<float>(gamma[c] / std::sqrt(variance[c] + epsilon));
}

// Mean and biased variance out of the sums of deviations from a pivot and of their squares.
VECTORISED void momentsOf(float* __restrict mean, float* __restrict variance, const float* __restrict pivot,
                          const double* __restrict sums, const double* __restrict squares, double inverseRows, size_t n) {
  for (size_t c = 0; c < n; ++c) {
    const double deviation = sums[c] * inverseRows;
    const double spread = squares[c] * inverseRows - deviation * deviation;
    mean[c] = static_cast<float>(pivot[c] + deviation);
    // Ordered so that a NaN gives a NaN.
    variance[c] = static_cast<float>(spread <= 0.0 ? 0.0 : spread);
  }
}

// With s = 1/√(variance + ε): dx = γs(dy − mean(dy) − (x − mean)·s²·mean(dy·(x − mean))).
VECTORISED void gradientFactors(float* __restrict dBeta, float* __restrict dGamma, float* __restrict offset,
                                float* __restrict slope, const double* __restrict sums, const double* __restrict products,
                                const float* __restrict variance, double epsilon, double inverseRows, size_t n) {
  for (size_t c = 0; c < n; ++c) {
    const double inverse = 1.0 / std::sqrt(variance[c] + epsilon);
    const double product = products[c] * inverse;
    dBeta[c] = static_cast<float>(sums[c]);
    dGamma[c] = static_cast<float>(product);
    offset[c] = static_cast<float>(sums[c] * inverseRows);
    slope[c] = static_cast<float>(product * inverse * inverseRows);
  }
}

template <typename Visit>
void inParallel(const Lanes& lanes, const Visit& visit) {
  const size_t groups = (lanes.rows + lanes.repeats - 1) / lanes.repeats;
  runtime::parallel(groups, 16384 / lanes.width + 1, [&](size_t begin, size_t end) {
    forLongRows(lanes, begin * lanes.repeats, std::min(lanes.rows, end * lanes.repeats), visit);
  });
}

// The rows and the channels, in two arguments one after the other.
Lanes lanesOf(Arguments& call, size_t index) {
  const size_t rows = call.size(index), channels = call.size(index + 1);
  if (channels == 0) throw arguments::OutOfRange(call.placeOf(index + 1) + "is 0: there is no channel");
  product(rows, channels);
  return Lanes(rows, channels);
}

// batchNorm(x, gamma, beta, y, mean, variance, rows, channels, epsilon, relu): y = relu?(γ(x − mean)/√(variance + ε) + β) with the
// mean and the (biased) variance of each channel over the rows, which are results too.
Napi::Value batchNorm(Arguments& call) {
  const Lanes lanes = lanesOf(call, 6);
  const size_t channels = lanes.channels;
  const float* x = call.operand<float>(0, product(lanes.rows, channels));
  const float* gamma = call.operand<float>(1, Elements(channels));
  const float* beta = call.operand<float>(2, Elements(channels));
  float* y = call.result<float>(3, product(lanes.rows, channels));
  float* mean = call.result<float>(4, Elements(channels));
  float* variance = call.result<float>(5, Elements(channels));
  const double epsilon = call.number(8);
  const bool relu = call.flag(9);

  // Mean and variance in one pass, as sums of deviations from a value near the mean: no digits cancel.
  const std::vector<float> pivot = pivotOf(lanes, x);
  const std::vector<float> tiledPivot = lanes.tile(pivot);
  const auto sums = channelSums<2>(lanes, [&](float* partial, size_t offset, size_t n) {
    addDeviationsTo(partial, partial + lanes.width, x + offset, tiledPivot.data(), n);
  });
  std::vector<float> scale(channels);
  momentsOf(mean, variance, pivot.data(), sums.data(), sums.data() + channels, 1.0 / lanes.rows, channels);
  scalesOf(scale.data(), gamma, variance, epsilon, channels);
  const std::vector<float> tiledMean = lanes.tile(std::vector<float>(mean, mean + channels));
  const std::vector<float> tiledScale = lanes.tile(scale);
  const std::vector<float> tiledShift = lanes.tile(std::vector<float>(beta, beta + channels));
  const auto apply = relu ? normaliseAndRectify : normalise;
  inParallel(lanes, [&](size_t offset, size_t n) {
    apply(y + offset, x + offset, tiledMean.data(), tiledScale.data(), tiledShift.data(), n);
  });
  return call.undefined();
}

// batchNormInference(x, gamma, beta, mean, variance, y, rows, channels, epsilon, relu): y = relu?(γ(x − mean)/√(variance + ε) + β)
// with a given mean and variance.
Napi::Value batchNormInference(Arguments& call) {
  const Lanes lanes = lanesOf(call, 6);
  const size_t channels = lanes.channels;
  const float* x = call.operand<float>(0, product(lanes.rows, channels));
  const float* gamma = call.operand<float>(1, Elements(channels));
  const float* beta = call.operand<float>(2, Elements(channels));
  const float* mean = call.operand<float>(3, Elements(channels));
  const float* variance = call.operand<float>(4, Elements(channels));
  float* y = call.result<float>(5, product(lanes.rows, channels));
  const double epsilon = call.number(8);
  const auto apply = call.flag(9) ? normaliseAndRectify : normalise;

  std::vector<float> scale(channels);
  scalesOf(scale.data(), gamma, variance, epsilon, channels);
  const std::vector<float> tiledMean = lanes.tile(std::vector<float>(mean, mean + channels));
  const std::vector<float> tiledScale = lanes.tile(scale);
  const std::vector<float> tiledShift = lanes.tile(std::vector<float>(beta, beta + channels));
  inParallel(lanes, [&](size_t offset, size_t n) {
    apply(y + offset, x + offset, tiledMean.data(), tiledScale.data(), tiledShift.data(), n);
  });
  return call.undefined();
}

// batchNormGradient(dy, x, mean, variance, gamma, beta, dx, dGamma, dBeta, rows, channels, epsilon, relu): the gradient of
// batchNorm, through the batch's statistics too.
Napi::Value batchNormGradient(Arguments& call) {
  const Lanes lanes = lanesOf(call, 9);
  const size_t channels = lanes.channels;
  const Elements size = product(lanes.rows, channels);
  const float* dy = call.operand<float>(0, size);
  const float* x = call.operand<float>(1, size);
  const float* mean = call.operand<float>(2, Elements(channels));
  const float* variance = call.operand<float>(3, Elements(channels));
  const float* gamma = call.operand<float>(4, Elements(channels));
  const float* beta = call.operand<float>(5, Elements(channels));
  float* dx = call.result<float>(6, size);
  float* dGamma = call.result<float>(7, Elements(channels));
  float* dBeta = call.result<float>(8, Elements(channels));
  const double epsilon = call.number(11);
  const bool relu = call.flag(12);

  std::vector<float> scale(channels);
  scalesOf(scale.data(), gamma, variance, epsilon, channels);
  const std::vector<float> tiledMean = lanes.tile(std::vector<float>(mean, mean + channels));
  const std::vector<float> tiledScale = lanes.tile(scale);
  const std::vector<float> tiledShift = lanes.tile(std::vector<float>(beta, beta + channels));
  const auto sums = channelSums<2>(lanes, [&](float* partial, size_t at, size_t n) {
    if (relu) {
      addMaskedGradientsTo(partial, partial + lanes.width, dy + at, x + at, tiledMean.data(), tiledScale.data(),
                           tiledShift.data(), n);
    } else {
      addGradientsTo(partial, partial + lanes.width, dy + at, x + at, tiledMean.data(), n);
    }
  });
  std::vector<float> offset(channels), slope(channels);
  gradientFactors(dBeta, dGamma, offset.data(), slope.data(), sums.data(), sums.data() + channels, variance, epsilon,
                  1.0 / lanes.rows, channels);
  const std::vector<float> tiledOffset = lanes.tile(offset), tiledSlope = lanes.tile(slope);
  inParallel(lanes, [&](size_t at, size_t n) {
    if (relu) {
      maskedInputGradient(dx + at, dy + at, x + at, tiledMean.data(), tiledScale.data(), tiledShift.data(),
                          tiledOffset.data(), tiledSlope.data(), n);
    } else {
      inputGradient(dx + at, dy + at, x + at, tiledMean.data(), tiledScale.data(), tiledOffset.data(), tiledSlope.data(), n);
    }
  });
  return call.undefined();
}

}  // namespace

void exportBatchNorm(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "batchNorm", batchNorm);
  exportFunction(env, exports, "batchNormInference", batchNormInference);
  exportFunction(env, exports, "batchNormGradient", batchNormGradient);
}

}  // namespace kernels
