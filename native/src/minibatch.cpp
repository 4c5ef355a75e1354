// Minibatches out of images of bytes.
#include "arguments.h"
#include "kernels.h"
#include "simd.h"

namespace kernels {
namespace {

VECTORISED void scaleBytes(float* __restrict out, const uint8_t* __restrict bytes, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(bytes[i]) / 255.0f;
}

// gatherScaled(bytes, indices, length, out): row i of out is row indices[i] of bytes over 255, rows of `length` elements.
Napi::Value gatherScaled(const Napi::CallbackInfo& info) {
  const size_t length = arguments::size(info, 2);
  const size_t rows = info[1].As<Napi::TypedArray>().ElementLength();
  const uint8_t* bytes = arguments::array<uint8_t>(info[0], 0, napi_uint8_array, "Uint8Array");
  const size_t available = info[0].As<Napi::TypedArray>().ElementLength();
  const uint32_t* indices = arguments::array<uint32_t>(info[1], rows, napi_uint32_array, "Uint32Array");
  float* out = arguments::floats(info, 3, rows * length);
  for (size_t row = 0; row < rows; ++row) {
    if ((size_t{indices[row]} + 1) * length > available) {
      throw Napi::RangeError::New(info.Env(), "row " + std::to_string(indices[row]) + " is beyond the end");
    }
    scaleBytes(out + row * length, bytes + indices[row] * length, length);
  }
  return info.Env().Undefined();
}

}  // namespace

void exportMinibatch(Napi::Env env, Napi::Object exports) { exportFunction(env, exports, "gatherScaled", gatherScaled); }

}  // namespace kernels
