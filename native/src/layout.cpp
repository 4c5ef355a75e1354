// Copies that only move elements: transposes, slices and pads, all as one strided copy.
#include <algorithm>
#include <cstring>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

constexpr int kAxes = 6;
constexpr size_t kTile = 16;

// [rows, columns] to [columns, rows], tile by tile so that both sides stay within a few cache lines.
VECTORISED void transposeMatrix(const float* __restrict in, size_t inStride, float* __restrict out, size_t outStride,
                                size_t rows, size_t columns) {
  for (size_t r0 = 0; r0 < rows; r0 += kTile) {
    const size_t r1 = std::min(rows, r0 + kTile);
    for (size_t c0 = 0; c0 < columns; c0 += kTile) {
      const size_t c1 = std::min(columns, c0 + kTile);
      for (size_t c = c0; c < c1; ++c) {
        for (size_t r = r0; r < r1; ++r) out[c * outStride + r] = in[r * inStride + c];
      }
    }
  }
}

struct StridedCopy {
  size_t extents[kAxes], from[kAxes], to[kAxes];

  void run(const float* in, float* out, int axis) const {
    if (axis == kAxes - 2) {
      plane(in, out);
      return;
    }
    for (size_t i = 0; i < extents[axis]; ++i) run(in + i * from[axis], out + i * to[axis], axis + 1);
  }

  // The two innermost axes; the last one is contiguous in the result.
  void plane(const float* in, float* out) const {
    const size_t rows = extents[kAxes - 2], columns = extents[kAxes - 1];
    const size_t inRow = from[kAxes - 2], outRow = to[kAxes - 2], inColumn = from[kAxes - 1];
    if (inColumn == 1) {
      for (size_t r = 0; r < rows; ++r) std::memcpy(out + r * outRow, in + r * inRow, columns * sizeof(float));
    } else if (inRow == 1) {
      transposeMatrix(in, inColumn, out, outRow, columns, rows);
    } else {
      for (size_t r = 0; r < rows; ++r) {
        for (size_t c = 0; c < columns; ++c) out[r * outRow + c] = in[r * inRow + c * inColumn];
      }
    }
  }

  size_t reach(const size_t* strides) const {
    size_t last = 0;
    for (int axis = 0; axis < kAxes; ++axis) {
      if (extents[axis] == 0) return 0;
      last += (extents[axis] - 1) * strides[axis];
    }
    return last + 1;
  }
};

// stridedCopy(x, out, layout): layout is six extents, six strides of x, six strides of out, the offset into x and the offset
// into out. The last axis of out has stride 1.
Napi::Value stridedCopy(const Napi::CallbackInfo& info) {
  const int32_t* layout = arguments::integers(info, 2, 3 * kAxes + 2);
  StridedCopy copy;
  for (int axis = 0; axis < kAxes; ++axis) {
    copy.extents[axis] = static_cast<size_t>(layout[axis]);
    copy.from[axis] = static_cast<size_t>(layout[kAxes + axis]);
    copy.to[axis] = static_cast<size_t>(layout[2 * kAxes + axis]);
  }
  const size_t inOffset = static_cast<size_t>(layout[3 * kAxes]), outOffset = static_cast<size_t>(layout[3 * kAxes + 1]);
  if (copy.to[kAxes - 1] != 1) throw Napi::RangeError::New(info.Env(), "the last axis of the result is not contiguous");
  const float* in = arguments::floats(info, 0, inOffset + copy.reach(copy.from)) + inOffset;
  float* out = arguments::floats(info, 1, outOffset + copy.reach(copy.to)) + outOffset;
  copy.run(in, out, 0);
  return info.Env().Undefined();
}

}  // namespace

void exportLayout(Napi::Env env, Napi::Object exports) { exportFunction(env, exports, "stridedCopy", stridedCopy); }

}  // namespace kernels
