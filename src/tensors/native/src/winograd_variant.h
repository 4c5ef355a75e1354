// The kernels of winograd_kernels.h, which are compiled once per instruction set.
#pragma once

#include <cstddef>

#include "winograd.h"

namespace winograd {

constexpr int kPositions = 36;
// Tiles that pass through all steps together, so that intermediate values stay in the second-level cache.
constexpr int kTilesPerBlock = 48;
constexpr int kLineFloats = 16;

// The distance from the block's values of one position to those of the next, with a cache line between them: without it, those of one tile
// would all use the same sets of the cache.
constexpr size_t strideOf(int32_t channels) { return size_t(kTilesPerBlock) * channels + kLineFloats; }

constexpr size_t blockSize(int32_t channels) { return kPositions * strideOf(channels); }

struct Tiles {
  int32_t begin, end;
};

struct Variant {
  // [3, 3, size] → [36, size]
  void (*transformFilter)(const float* filter, size_t size, float* transformed);
  // The results of a convolution that lie in the tiles. `scratch`: blockSize of both channel counts.
  // Returns false, with invalid results, where an image is not finite.
  bool (*convolve)(const Shape& shape, Tiles tiles, const float* x, const float* transformedFilter, const float* bias,
                   bool relu, float* y, float* scratch);
  // Adds the tiles' share of the transformed filter's gradient to `sums` [36, in, out]. Returns false as above.
  bool (*addFilterGradient)(const Shape& shape, Tiles tiles, const float* x, const float* dy, float* sums, float* scratch);
  // [36, size] → [3, 3, size], by the transpose of transformFilter.
  void (*foldFilterGradient)(const float* sums, size_t size, float* gradient);
};

}  // namespace winograd
