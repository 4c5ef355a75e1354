// The update of plain gradient descent, and of running means.
#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;

VECTORISED void addScaledRange(float* out, const float* y, const float* __restrict x, size_t n, float factor) {
  for (size_t i = 0; i < n; ++i) out[i] = y[i] + factor * x[i];
}

// addScaled(factor, x, y, out, count): out = y + factor·x; out may be y itself.
Napi::Value addScaled(Arguments& call) {
  const float factor = static_cast<float>(call.number(0));
  const size_t count = call.size(4);
  const float* x = call.operand<float>(1, Elements(count));
  const float* y = call.operand<float>(2, Elements(count));
  float* out = call.result<float>(3, Elements(count), y);
  runtime::parallel(count, 65536, [&](size_t begin, size_t end) {
    addScaledRange(out + begin, y + begin, x + begin, end - begin, factor);
  });
  return call.undefined();
}

VECTORISED void blendRange(float* __restrict out, const float* __restrict x, const float* __restrict y, size_t n, float a,
                           float b) {
  for (size_t i = 0; i < n; ++i) out[i] = a * x[i] + b * y[i];
}

// blend(a, x, b, y, out, count): out = a·x + b·y
Napi::Value blend(Arguments& call) {
  const float a = static_cast<float>(call.number(0)), b = static_cast<float>(call.number(2));
  const size_t count = call.size(5);
  const float* x = call.operand<float>(1, Elements(count));
  const float* y = call.operand<float>(3, Elements(count));
  blendRange(call.result<float>(4, Elements(count)), x, y, count, a, b);
  return call.undefined();
}

}  // namespace

void exportOptimiser(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "addScaled", addScaled);
  exportFunction(env, exports, "blend", blend);
}

}  // namespace kernels
