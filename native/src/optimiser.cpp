// The update of plain gradient descent, and of running means.
#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

VECTORISED void addScaledRange(float* out, const float* y, const float* __restrict x, size_t n, float factor) {
  for (size_t i = 0; i < n; ++i) out[i] = y[i] + factor * x[i];
}

// addScaled(factor, x, y, out, count): out = y + factor·x; out may be y itself.
Napi::Value addScaled(const Napi::CallbackInfo& info) {
  const float factor = static_cast<float>(arguments::number(info, 0));
  const size_t count = arguments::size(info, 4);
  const float* x = arguments::floats(info, 1, count);
  const float* y = arguments::floats(info, 2, count);
  float* out = arguments::floats(info, 3, count);
  runtime::parallel(count, 65536, [&](size_t begin, size_t end) {
    addScaledRange(out + begin, y + begin, x + begin, end - begin, factor);
  });
  return info.Env().Undefined();
}

VECTORISED void blendRange(float* __restrict out, const float* __restrict x, const float* __restrict y, size_t n, float a,
                           float b) {
  for (size_t i = 0; i < n; ++i) out[i] = a * x[i] + b * y[i];
}

// blend(a, x, b, y, out, count): out = a·x + b·y
Napi::Value blend(const Napi::CallbackInfo& info) {
  const float a = static_cast<float>(arguments::number(info, 0)), b = static_cast<float>(arguments::number(info, 2));
  const size_t count = arguments::size(info, 5);
  blendRange(arguments::floats(info, 4, count), arguments::floats(info, 1, count), arguments::floats(info, 3, count), count,
             a, b);
  return info.Env().Undefined();
}

}  // namespace

void exportOptimiser(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "addScaled", addScaled);
  exportFunction(env, exports, "blend", blend);
}

}  // namespace kernels
