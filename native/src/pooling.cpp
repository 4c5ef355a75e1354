// Average pooling of NHWC tensors and its gradient. As in TensorFlow, the padding does not count in the average.
#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

struct Geometry {
  int32_t batch, inHeight, inWidth, channels;
  int32_t windowHeight, windowWidth;
  int32_t outHeight, outWidth;
  int32_t strideHeight, strideWidth;
  int32_t top, left;

  size_t inputSize() const { return size_t(batch) * inHeight * inWidth * channels; }
  size_t outputSize() const { return size_t(batch) * outHeight * outWidth * channels; }
};

constexpr size_t kGeometryLength = sizeof(Geometry) / sizeof(int32_t);

Geometry geometryOf(const Napi::CallbackInfo& info, size_t index) {
  Geometry geometry;
  std::copy_n(arguments::integers(info, index, kGeometryLength), kGeometryLength, &geometry.batch);
  return geometry;
}

VECTORISED void addScaled(float* __restrict out, const float* __restrict in, float factor, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] += factor * in[i];
}

// Runs visit(offset of the input pixel, offset of the output pixel, 1 / pixels in the window) for every pair that meets.
template <typename Visit>
void forWindows(const Geometry& g, size_t image, const Visit& visit) {
  for (int32_t row = 0; row < g.outHeight; ++row) {
    const int32_t y0 = std::max(0, row * g.strideHeight - g.top);
    const int32_t y1 = std::min(g.inHeight, row * g.strideHeight - g.top + g.windowHeight);
    for (int32_t column = 0; column < g.outWidth; ++column) {
      const int32_t x0 = std::max(0, column * g.strideWidth - g.left);
      const int32_t x1 = std::min(g.inWidth, column * g.strideWidth - g.left + g.windowWidth);
      const float share = 1.0f / static_cast<float>((y1 - y0) * (x1 - x0));
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
Napi::Value averagePool(const Napi::CallbackInfo& info) {
  const Geometry g = geometryOf(info, 2);
  const float* x = arguments::floats(info, 0, g.inputSize());
  float* out = arguments::floats(info, 1, g.outputSize());
  std::fill(out, out + g.outputSize(), 0.0f);
  runtime::parallel(g.batch, 1, [&](size_t begin, size_t end) {
    for (size_t image = begin; image < end; ++image) {
      forWindows(g, image, [&](size_t in, size_t to, float share) { addScaled(out + to, x + in, share, g.channels); });
    }
  });
  return info.Env().Undefined();
}

// averagePoolGradient(dy, dx, geometry)
Napi::Value averagePoolGradient(const Napi::CallbackInfo& info) {
  const Geometry g = geometryOf(info, 2);
  const float* dy = arguments::floats(info, 0, g.outputSize());
  float* dx = arguments::floats(info, 1, g.inputSize());
  std::fill(dx, dx + g.inputSize(), 0.0f);
  runtime::parallel(g.batch, 1, [&](size_t begin, size_t end) {
    for (size_t image = begin; image < end; ++image) {
      forWindows(g, image, [&](size_t in, size_t from, float share) { addScaled(dx + in, dy + from, share, g.channels); });
    }
  });
  return info.Env().Undefined();
}

}  // namespace

void exportPooling(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "averagePool", averagePool);
  exportFunction(env, exports, "averagePoolGradient", averagePoolGradient);
}

}  // namespace kernels
