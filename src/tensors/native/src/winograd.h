// Convolutions by 3 × 3 filters without strides, in a fourth of the multiplications: Winograd's minimal filtering
// F(4 × 4, 3 × 3), after Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks".
//
// A tile of 4 × 4 results comes from a window of 6 × 6 pixels. Window and filter are transformed, which makes the 36
// positions independent of one another: at each, the transformed filter is a matrix [in, out] that all windows are
// multiplied by. The transforms cost little accuracy: results are right to about 1e-6 of their norm,
// where the tests ask for 1e-5 (test/tensors/backends/onednn).
#pragma once

#include <cstddef>
#include <cstdint>

namespace winograd {

// A convolution of x [batch, inHeight, inWidth, inChannels] by a filter [3, 3, inChannels, outChannels].
struct Shape {
  int32_t batch, inHeight, inWidth, inChannels;
  int32_t outHeight, outWidth, outChannels;
  int32_t top, left;  // pixels of zeros before the first ones

  int32_t tilesDown() const { return (outHeight + 3) / 4; }
  int32_t tilesAcross() const { return (outWidth + 3) / 4; }
  int32_t tiles() const { return batch * tilesDown() * tilesAcross(); }
  size_t filterSize() const { return size_t(inChannels) * outChannels; }  // at one of its positions
};

// Whether this machine and these channels are supported; the caller checks the rest of the shape.
bool available(int32_t inChannels, int32_t outChannels);

// NaN and infinity spread through a whole tile here, beyond the pixels that a filter reaches. If these functions find one in their
// operands, they return false, and what they have written is invalid.

// y = relu?(x * filter + bias); `bias` may be null.
bool forward(const Shape& shape, const float* x, const float* filter, const float* bias, bool relu, float* y);

// The gradients of sums of y with respect to x and to the filter; `shape` is that of the convolution itself.
bool backwardInput(const Shape& shape, const float* dy, const float* filter, float* dx);
bool backwardFilter(const Shape& shape, const float* x, const float* dy, float* dFilter);

}  // namespace winograd
