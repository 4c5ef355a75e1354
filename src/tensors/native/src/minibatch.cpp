// Minibatches out of images of bytes.
#include "arguments.h"
#include "kernels.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;

VECTORISED void scaleBytes(float* __restrict out, const uint8_t* __restrict bytes, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(bytes[i]) / 255.0f;
}

// gatherScaled(bytes, indices, length, out): row i of out is row indices[i] of bytes over 255, rows of `length` elements.
Napi::Value gatherScaled(Arguments& call) {
  const size_t length = call.size(2);
  const size_t size = call.lengthOf<uint8_t>(0), rows = call.lengthOf<uint32_t>(1);
  const uint8_t* bytes = call.operand<uint8_t>(0, Elements(size));
  const uint32_t* indices = call.operand<uint32_t>(1, Elements(rows));
  float* out = call.result<float>(3, product(rows, length));
  if (length == 0) return call.undefined();
  for (size_t row = 0; row < rows; ++row) {
    if (indices[row] >= size / length) throw arguments::OutOfRange("row " + std::to_string(indices[row]) + " is beyond the end");
    scaleBytes(out + row * length, bytes + indices[row] * length, length);
  }
  return call.undefined();
}

}  // namespace

void exportMinibatch(Napi::Env env, Napi::Object exports) { exportFunction(env, exports, "gatherScaled", gatherScaled); }

}  // namespace kernels
