// Copies that only move elements: transposes, slices and pads, all as one strided copy.
#include <algorithm>
#include <array>
#include <cstring>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::reach;
using arguments::sum;

constexpr size_t kAxes = 6;
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
  std::array<size_t, kAxes> extents, from, to;

  void run(const float* in, float* out, size_t axis) const {
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

  // Offsets of the result that are written.
  size_t count() const {
    const auto [a, b, c, d, e, f] = extents;
    return arguments::product(a, b, c, d, e, f).count();
  }
};

// stridedCopy(x, out, layout): layout is six extents, six strides of x, six strides of out, the offset into x and the offset
// into out. The last axis of out has stride 1.
Napi::Value stridedCopy(Arguments& call) {
  const auto layout = call.sizes<3 * kAxes + 2>(2);
  StridedCopy copy;
  std::copy_n(layout.begin(), kAxes, copy.extents.begin());
  std::copy_n(layout.begin() + kAxes, kAxes, copy.from.begin());
  std::copy_n(layout.begin() + 2 * kAxes, kAxes, copy.to.begin());
  const size_t inOffset = layout[3 * kAxes], outOffset = layout[3 * kAxes + 1];
  if (copy.to[kAxes - 1] != 1) throw arguments::OutOfRange("the last axis of the result is not contiguous");
  const size_t reached = reach(copy.extents, copy.to).count();
  // Where two places are one, a copy could go on for as long as nobody waits for.
  if (copy.count() > reached) throw arguments::OutOfRange("the strides of the result put two elements at one place");
  const float* in = call.operand<float>(0, sum(inOffset, reach(copy.extents, copy.from).count())) + inOffset;
  float* out = call.result<float>(1, sum(outOffset, reached)) + outOffset;
  if (reached == 0) return call.undefined();
  copy.run(in, out, 0);
  return call.undefined();
}

}  // namespace

void exportLayout(Napi::Env env, Napi::Object exports) { exportFunction(env, exports, "stridedCopy", stridedCopy); }

}  // namespace kernels
