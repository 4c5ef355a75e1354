#include "winograd.h"

#include <algorithm>
#include <atomic>

#include "finite.h"
#include "growing_buffer.h"
#include "runtime.h"
#include "vector_kernels.h"

namespace winograd {
namespace {

const Variant& variant() { return vectorKernels()->winograd; }

// Each thread has its own.
thread_local GrowingBuffer filterScratch, blockScratch, sumScratch;

float* floatsOf(GrowingBuffer& buffer, size_t count) { return static_cast<float*>(buffer.atLeast(count * sizeof(float))); }

size_t blocksOf(const Shape& shape) { return (shape.tiles() + kTilesPerBlock - 1) / kTilesPerBlock; }

Tiles tilesOfBlocks(const Shape& shape, size_t begin, size_t end) {
  return {static_cast<int32_t>(begin * kTilesPerBlock), std::min(shape.tiles(), static_cast<int32_t>(end * kTilesPerBlock))};
}

float* scratchOfBlock(const Shape& shape) {
  return floatsOf(blockScratch, blockSize(shape.inChannels) + blockSize(shape.outChannels));
}

// Blocks that justify a thread.
constexpr size_t kGrain = 4;

bool convolve(const Shape& shape, const float* x, const float* filter, const float* bias, bool relu, float* y) {
  if (!finite::all(filter, 9 * shape.filterSize())) return false;
  float* transformed = floatsOf(filterScratch, kPositions * shape.filterSize());
  variant().transformFilter(filter, shape.filterSize(), transformed);
  std::atomic<bool> finite{true};
  runtime::parallel(blocksOf(shape), kGrain, [&](size_t begin, size_t end) {
    if (!variant().convolve(shape, tilesOfBlocks(shape, begin, end), x, transformed, bias, relu, y, scratchOfBlock(shape))) {
      finite = false;
    }
  });
  return finite;
}

// The filter for the gradient with respect to the input: rotated by 180°, [3, 3, out, in].
void turn(const Shape& shape, const float* filter, float* turned) {
  const size_t in = shape.inChannels, out = shape.outChannels;
  for (size_t tap = 0; tap < 9; ++tap) {
    const float* from = filter + tap * in * out;
    float* to = turned + (8 - tap) * in * out;
    for (size_t o = 0; o < out; ++o) {
      for (size_t i = 0; i < in; ++i) to[o * in + i] = from[i * out + o];
    }
  }
}

}  // namespace

bool available(int32_t inChannels, int32_t outChannels) {
  return vectorKernels() != nullptr && inChannels % 16 == 0 && outChannels % 16 == 0;
}

bool forward(const Shape& shape, const float* x, const float* filter, const float* bias, bool relu, float* y) {
  return convolve(shape, x, filter, bias, relu, y);
}

bool backwardInput(const Shape& shape, const float* dy, const float* filter, float* dx) {
  float* turned = floatsOf(sumScratch, 9 * shape.filterSize());
  turn(shape, filter, turned);
  const Shape back{shape.batch, shape.outHeight, shape.outWidth, shape.outChannels, shape.inHeight, shape.inWidth,
                   shape.inChannels, 2 - shape.top, 2 - shape.left};
  return convolve(back, dy, turned, nullptr, false, dx);
}

bool backwardFilter(const Shape& shape, const float* x, const float* dy, float* dFilter) {
  const size_t size = kPositions * shape.filterSize(), blocks = blocksOf(shape);
  const size_t ranges = std::max<size_t>(1, std::min<size_t>(runtime::threads(), blocks / kGrain));
  const size_t length = (blocks + ranges - 1) / ranges;
  float* sums = floatsOf(sumScratch, ranges * size);
  std::fill_n(sums, ranges * size, 0.0f);
  // Each range has its own sums, which are added in their order: the same numbers for the same number of threads.
  std::atomic<bool> finite{true};
  runtime::parallel(ranges, 1, [&](size_t begin, size_t end) {
    for (size_t range = begin; range < end; ++range) {
      const Tiles tiles = tilesOfBlocks(shape, range * length, std::min(blocks, (range + 1) * length));
      if (!variant().addFilterGradient(shape, tiles, x, dy, sums + range * size, scratchOfBlock(shape))) finite = false;
    }
  });
  if (!finite) return false;
  for (size_t range = 1; range < ranges; ++range) {
    for (size_t i = 0; i < size; ++i) sums[i] += sums[range * size + i];
  }
  variant().foldFilterGradient(sums, shape.filterSize(), dFilter);
  return true;
}

}  // namespace winograd
