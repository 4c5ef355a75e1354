// Elementwise functions of one operand, and of two operands with broadcasting.
#include <algorithm>
#include <array>
#include <cmath>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;
using arguments::reach;

// Below this many elements a second thread costs more than it brings.
constexpr size_t kGrain = 16384;

#define UNARY(name, expression)                                                               \
  VECTORISED void name##Range(const float* __restrict in, float* __restrict out, size_t n) { \
    for (size_t i = 0; i < n; ++i) {                                                          \
      const float x = in[i];                                                                  \
      out[i] = expression;                                                                    \
    }                                                                                         \
  }

// The comparisons are ordered so that a NaN gives a NaN.
UNARY(relu, x <= 0.0f ? 0.0f : x)
UNARY(negative, -x)
UNARY(square, x* x)
UNARY(squareRoot, std::sqrt(x))
UNARY(reciprocalSquareRoot, 1.0f / std::sqrt(x))
UNARY(exponential, std::exp(x))
UNARY(logarithm, std::log(x))
#undef UNARY

VECTORISED void stepRange(const float* __restrict in, float* __restrict out, size_t n, float alpha) {
  for (size_t i = 0; i < n; ++i) {
    const float x = in[i];
    out[i] = x > 0.0f ? 1.0f : (x <= 0.0f ? alpha : x);
  }
}

// The steps of the innermost loop are constants in the cases that occur, so that the compiler can vectorise them.
#define BINARY(name, expression)                                                                             \
  VECTORISED void name##Row(const float* __restrict a, size_t stepA, const float* __restrict b, size_t stepB, \
                            float* __restrict out, size_t n) {                                                \
    if (stepA == 1 && stepB == 1) {                                                                           \
      for (size_t i = 0; i < n; ++i) {                                                                        \
        const float x = a[i], y = b[i];                                                                       \
        out[i] = expression;                                                                                  \
      }                                                                                                       \
    } else if (stepA == 1 && stepB == 0) {                                                                    \
      const float y = b[0];                                                                                   \
      for (size_t i = 0; i < n; ++i) {                                                                        \
        const float x = a[i];                                                                                 \
        out[i] = expression;                                                                                  \
      }                                                                                                       \
    } else if (stepA == 0 && stepB == 1) {                                                                    \
      const float x = a[0];                                                                                   \
      for (size_t i = 0; i < n; ++i) {                                                                        \
        const float y = b[i];                                                                                 \
        out[i] = expression;                                                                                  \
      }                                                                                                       \
    } else {                                                                                                  \
      for (size_t i = 0; i < n; ++i) {                                                                        \
        const float x = a[i * stepA], y = b[i * stepB];                                                       \
        out[i] = expression;                                                                                  \
      }                                                                                                       \
    }                                                                                                         \
  }

BINARY(add, x + y)
BINARY(subtract, x - y)
BINARY(multiply, x* y)
BINARY(divide, x / y)
BINARY(squaredDifference, (x - y) * (x - y))
BINARY(addAndRectify, x + y <= 0.0f ? 0.0f : x + y)
// The gradient of ReLU: x is the gradient of its output, y its input or its output (they have the same sign where it counts).
// A NaN in y gives a NaN, as multiplying by the step function does.
BINARY(reluGradient, y > 0.0f ? x : (y <= 0.0f ? 0.0f : y))
#undef BINARY

VECTORISED void rectify(float* values, size_t n) {
  for (size_t i = 0; i < n; ++i) values[i] = values[i] <= 0.0f ? 0.0f : values[i];
}

VECTORISED void cutWhereRectified(float* __restrict dy, const float* __restrict in, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const float y = in[i];
    dy[i] = y > 0.0f ? dy[i] : (y <= 0.0f ? 0.0f : y);
  }
}

using RangeFunction = void (*)(const float*, float*, size_t);
using RowFunction = void (*)(const float*, size_t, const float*, size_t, float*, size_t);

// name(x, out, count)
auto unary(RangeFunction range) {
  return [range](Arguments& call) -> Napi::Value {
    const size_t count = call.size(2);
    const float* in = call.operand<float>(0, Elements(count));
    float* out = call.result<float>(1, Elements(count));
    runtime::parallel(count, kGrain, [&](size_t begin, size_t end) { range(in + begin, out + begin, end - begin); });
    return call.undefined();
  };
}

Napi::Value step(Arguments& call) {
  const size_t count = call.size(2);
  const float* in = call.operand<float>(0, Elements(count));
  float* out = call.result<float>(1, Elements(count));
  const float alpha = static_cast<float>(call.number(3));
  runtime::parallel(count, kGrain, [&](size_t begin, size_t end) { stepRange(in + begin, out + begin, end - begin, alpha); });
  return call.undefined();
}

// reluInPlace(x, count): relu, written over x.
Napi::Value reluInPlace(Arguments& call) {
  const size_t count = call.size(1);
  float* x = call.result<float>(0, Elements(count));
  runtime::parallel(count, kGrain, [&](size_t begin, size_t end) { rectify(x + begin, end - begin); });
  return call.undefined();
}

// reluGradientInPlace(dy, y, count): like reluGradient, written over dy.
Napi::Value reluGradientInPlace(Arguments& call) {
  const size_t count = call.size(2);
  float* dy = call.result<float>(0, Elements(count));
  const float* y = call.operand<float>(1, Elements(count));
  runtime::parallel(count, kGrain, [&](size_t begin, size_t end) { cutWhereRectified(dy + begin, y + begin, end - begin); });
  return call.undefined();
}

// A broadcast: four extents, then the four strides of each operand (0 along a broadcast axis). The result is contiguous.
struct Broadcast {
  std::array<size_t, 4> extents, stridesA, stridesB;

  explicit Broadcast(const std::array<size_t, 12>& layout) {
    std::copy_n(layout.begin(), 4, extents.begin());
    std::copy_n(layout.begin() + 4, 4, stridesA.begin());
    std::copy_n(layout.begin() + 8, 4, stridesB.begin());
  }

  Elements size() const { return product(extents[0], extents[1], extents[2], extents[3]); }

  size_t offset(size_t row, const std::array<size_t, 4>& strides) const {
    const size_t inner = row % extents[2], outer = row / extents[2];
    return inner * strides[2] + (outer % extents[1]) * strides[1] + (outer / extents[1]) * strides[0];
  }
};

// name(a, b, out, layout)
auto binary(RowFunction row) {
  return [row](Arguments& call) -> Napi::Value {
    const Broadcast broadcast(call.sizes<12>(3));
    const float* a = call.operand<float>(0, reach(broadcast.extents, broadcast.stridesA));
    const float* b = call.operand<float>(1, reach(broadcast.extents, broadcast.stridesB));
    float* out = call.result<float>(2, broadcast.size());
    if (broadcast.size().count() == 0) return call.undefined();
    const size_t length = broadcast.extents[3], rows = broadcast.size().count() / length;
    const size_t stepA = broadcast.stridesA[3], stepB = broadcast.stridesB[3];
    if (rows == 1) {
      runtime::parallel(length, kGrain, [&](size_t begin, size_t end) {
        row(a + begin * stepA, stepA, b + begin * stepB, stepB, out + begin, end - begin);
      });
    } else {
      runtime::parallel(rows, kGrain / std::max<size_t>(1, length) + 1, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          row(a + broadcast.offset(i, broadcast.stridesA), stepA, b + broadcast.offset(i, broadcast.stridesB), stepB,
              out + i * length, length);
        }
      });
    }
    return call.undefined();
  };
}

}  // namespace

void exportElementwise(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "relu", unary(reluRange));
  exportFunction(env, exports, "negative", unary(negativeRange));
  exportFunction(env, exports, "square", unary(squareRange));
  exportFunction(env, exports, "squareRoot", unary(squareRootRange));
  exportFunction(env, exports, "reciprocalSquareRoot", unary(reciprocalSquareRootRange));
  exportFunction(env, exports, "exponential", unary(exponentialRange));
  exportFunction(env, exports, "logarithm", unary(logarithmRange));
  exportFunction(env, exports, "step", step);
  exportFunction(env, exports, "add", binary(addRow));
  exportFunction(env, exports, "subtract", binary(subtractRow));
  exportFunction(env, exports, "multiply", binary(multiplyRow));
  exportFunction(env, exports, "divide", binary(divideRow));
  exportFunction(env, exports, "squaredDifference", binary(squaredDifferenceRow));
  exportFunction(env, exports, "addAndRectify", binary(addAndRectifyRow));
  exportFunction(env, exports, "reluGradient", binary(reluGradientRow));
  exportFunction(env, exports, "reluInPlace", reluInPlace);
  exportFunction(env, exports, "reluGradientInPlace", reluGradientInPlace);
}

}  // namespace kernels
