// Sums, means and maxima over some axes of a tensor seen as [outer, reduced, inner].
#include <cmath>
#include <limits>
#include <vector>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::product;

// The sum of n floats in double precision: eight partial sums, whose order depends on n only.
VECTORISED double sumRow(const float* in, size_t n) {
  double partial[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t lane = 0; lane < 8; ++lane) partial[lane] += in[i + lane];
  }
  for (size_t lane = 0; i < n; ++i, ++lane) partial[lane] += in[i];
  return ((partial[0] + partial[4]) + (partial[1] + partial[5])) + ((partial[2] + partial[6]) + (partial[3] + partial[7]));
}

VECTORISED void addRowTo(double* __restrict sums, const float* __restrict in, size_t n) {
  for (size_t i = 0; i < n; ++i) sums[i] += in[i];
}

VECTORISED void storeScaled(float* __restrict out, const double* __restrict sums, size_t n, double factor) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(sums[i] * factor);
}

// A NaN wins over every number, as in Math.max.
inline float larger(float a, float b) { return b > a || b != b ? b : a; }

VECTORISED void maximumRowInto(float* __restrict best, const float* __restrict in, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float a = best[i], b = in[i];
    best[i] = a != a ? a : larger(a, b);
  }
}

float maximumRow(const float* in, size_t n) {
  float best = -std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < n; ++i) {
    if (in[i] != in[i]) return in[i];
    best = larger(best, in[i]);
  }
  return best;
}

struct Shape {
  size_t outer, reduced, inner;
  const float* in;
  float* out;

  explicit Shape(Arguments& call)
      : outer(call.size(2)),
        reduced(call.size(3)),
        inner(call.size(4)),
        in(call.operand<float>(0, product(outer, reduced, inner))),
        out(call.result<float>(1, product(outer, inner))) {}

  bool isEmpty() const { return outer == 0 || inner == 0; }
};

// sum(x, out, outer, reduced, inner, factor): out[o, i] = factor · Σ_r x[o, r, i], added up in double precision.
Napi::Value sum(Arguments& call) {
  const Shape shape(call);
  const double factor = call.number(5);
  if (shape.isEmpty()) return call.undefined();
  const size_t grain = 16384 / std::max<size_t>(1, shape.reduced * shape.inner) + 1;
  runtime::parallel(shape.outer, grain, [&](size_t begin, size_t end) {
    std::vector<double> sums(shape.inner == 1 ? 0 : shape.inner);
    for (size_t o = begin; o < end; ++o) {
      const float* in = shape.in + o * shape.reduced * shape.inner;
      if (shape.inner == 1) {
        shape.out[o] = static_cast<float>(factor * sumRow(in, shape.reduced));
        continue;
      }
      std::fill(sums.begin(), sums.end(), 0.0);
      for (size_t r = 0; r < shape.reduced; ++r) addRowTo(sums.data(), in + r * shape.inner, shape.inner);
      storeScaled(shape.out + o * shape.inner, sums.data(), shape.inner, factor);
    }
  });
  return call.undefined();
}

// maximum(x, out, outer, reduced, inner)
Napi::Value maximum(Arguments& call) {
  const Shape shape(call);
  if (shape.isEmpty()) return call.undefined();
  for (size_t o = 0; o < shape.outer; ++o) {
    const float* in = shape.in + o * shape.reduced * shape.inner;
    float* out = shape.out + o * shape.inner;
    if (shape.inner == 1) {
      *out = maximumRow(in, shape.reduced);
      continue;
    }
    std::fill(out, out + shape.inner, -std::numeric_limits<float>::infinity());
    for (size_t r = 0; r < shape.reduced; ++r) maximumRowInto(out, in + r * shape.inner, shape.inner);
  }
  return call.undefined();
}

}  // namespace

void exportReduction(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "sum", sum);
  exportFunction(env, exports, "maximum", maximum);
}

}  // namespace kernels
