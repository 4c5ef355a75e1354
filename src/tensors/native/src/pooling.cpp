// Average pooling of NHWC tensors and its gradient. As in TensorFlow, the padding does not count in the average.
#include <algorithm>
#include <cstring>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;

struct Geometry {
  int32_t batch, inHeight, inWidth, channels;
  int32_t windowHeight, windowWidth;
  int32_t outHeight, outWidth;
  int32_t strideHeight, strideWidth;
  int32_t top, left;

  Elements inputSize() const { return product(batch, inHeight, inWidth, channels); }
  Elements outputSize() const { return product(batch, outHeight, outWidth, channels); }
};

constexpr size_t kGeometryLength = sizeof(Geometry) / sizeof(int32_t);

Geometry geometryOf(Arguments& call, size_t index) {
  const auto values = call.integers<kGeometryLength>(index);
  Geometry g;
  std::memcpy(&g, values.data(), sizeof g);
  const auto refuse = [&] { throw arguments::OutOfRange(call.placeOf(index) + "is not the geometry of a pooling"); };
  if (std::any_of(values.begin(), values.end() - 2, [](int32_t value) { return value < 1; })) refuse();
  // Each window holds at least one pixel, so that it has a mean.
  const auto meets = [](int64_t in, int64_t window, int64_t out, int64_t stride, int64_t before) {
    return before >= 0 && before < window && (out - 1) * stride - before < in;
  };
  if (!meets(g.inHeight, g.windowHeight, g.outHeight, g.strideHeight, g.top)) refuse();
  if (!meets(g.inWidth, g.windowWidth, g.outWidth, g.strideWidth, g.left)) refuse();
  return g;
}

VECTORISED void addScaled(float* __restrict out, const float* __restrict in, float factor, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] += factor * in[i];
}

struct Window {
  int32_t begin, end;
};

// The pixels of a row or column in window number `index`.
Window windowOf(int64_t index, int32_t stride, int32_t before, int32_t extent, int32_t limit) {
  const int64_t first = index * stride - before;
  return {static_cast<int32_t>(std::max<int64_t>(0, first)), static_cast<int32_t>(std::min<int64_t>(limit, first + extent))};
}

// Runs visit(offset of the input pixel, offset of the output pixel, 1 / pixels in the window) for every pair that meets.
template <typename Visit>
void forWindows(const Geometry& g, size_t image, const Visit& visit) {
  for (int32_t row = 0; row < g.outHeight; ++row) {
    const auto [y0, y1] = windowOf(row, g.strideHeight, g.top, g.windowHeight, g.inHeight);
    for (int32_t column = 0; column < g.outWidth; ++column) {
      const auto [x0, x1] = windowOf(column, g.strideWidth, g.left, g.windowWidth, g.inWidth);
      const float share = 1.0f / static_cast<float>(int64_t{y1 - y0} * (x1 - x0));
      const size_t out = ((image * g.outHeight + row) * g.outWidth + column) * g.channels;
      for (int32_t y = y0; y < y1; ++y) {
        for (int32_t x = x0; x < x1; ++x) {
          visit(((image * g.inHeight + y) * g.inWidth + x) * g.channels, out, share);
        }
      }
    }
  }
}

// averagePool(x, out, geometry)
Napi::Value averagePool(Arguments& call) {
  const Geometry g = geometryOf(call, 2);
  const float* x = call.operand<float>(0, g.inputSize());
  float* out = call.result<float>(1, g.outputSize());
  std::fill_n(out, g.outputSize().count(), 0.0f);
  runtime::parallel(g.batch, 1, [&](size_t begin, size_t end) {
    for (size_t image = begin; image < end; ++image) {
      forWindows(g, image, [&](size_t in, size_t to, float share) { addScaled(out + to, x + in, share, g.channels); });
    }
  });
  return call.undefined();
}

// averagePoolGradient(dy, dx, geometry)
Napi::Value averagePoolGradient(Arguments& call) {
  const Geometry g = geometryOf(call, 2);
  const float* dy = call.operand<float>(0, g.outputSize());
  float* dx = call.result<float>(1, g.inputSize());
  std::fill_n(dx, g.inputSize().count(), 0.0f);
  runtime::parallel(g.batch, 1, [&](size_t begin, size_t end) {
    for (size_t image = begin; image < end; ++image) {
      forWindows(g, image, [&](size_t in, size_t from, float share) { addScaled(dx + in, dy + from, share, g.channels); });
    }
  });
  return call.undefined();
}

}  // namespace

void exportPooling(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "averagePool", averagePool);
  exportFunction(env, exports, "averagePoolGradient", averagePoolGradient);
}

}  // namespace kernels
