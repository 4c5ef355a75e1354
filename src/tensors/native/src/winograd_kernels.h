// Textual: part of vector_kernels_of_set.h, after vectors.h.

// Ordered so that a NaN stays one.
KERNEL Vector rectify(Vector value) { return value < 0.0f ? Vector{} : value; }

#include "winograd_products.h"
#include "winograd_transforms.h"

// The part of [first, first + extent) that lies in [0, limit), counted from `first`.
static Inside insideOf(int row, int column, int extent, int height, int width) {
  const auto begin = [](int first) { return first < 0 ? -first : 0; };
  const auto end = [extent](int first, int limit) { return first + extent > limit ? limit - first : extent; };
  return {begin(row), end(row, height), begin(column), end(column, width)};
}

// A grid of images of pixels, and where the windows or tiles of a block lie in it.
struct Grid {
  int height, width, channels;
  int top, left;  // from a tile's first result to the first pixel: of the window, backwards
  int extent;     // 6 for windows, 4 for tiles

  Place place(const Shape& shape, int tile) const {
    const int across = shape.tilesAcross(), down = shape.tilesDown();
    const int row = tile / across % down * 4 - top, column = tile % across * 4 - left, image = tile / across / down;
    const ptrdiff_t pixel = (ptrdiff_t(image) * height + row) * width + column;
    return {pixel * channels, ptrdiff_t(width) * channels, channels, insideOf(row, column, extent, height, width)};
  }
};

static Grid windowsOf(const Shape& shape) {
  return {shape.inHeight, shape.inWidth, shape.inChannels, shape.top, shape.left, 6};
}

static Grid tilesOf(const Shape& shape) { return {shape.outHeight, shape.outWidth, shape.outChannels, 0, 0, 4}; }

KERNEL bool isWhole(const Grid& grid, const Inside& in) {
  return in.firstRow == 0 && in.firstColumn == 0 && in.endRow == grid.extent && in.endColumn == grid.extent;
}

// Calls visit(whole, place, channel, offset) for each vector of channels of each tile. It passes std::true_type where all of the window or tile lies
// in the image, and where its values of a position are in the block.
template <typename Visit>
KERNEL void forEachVector(const Shape& shape, Tiles tiles, const Grid& grid, const Visit& visit) {
  for (int tile = tiles.begin; tile < tiles.end; ++tile) {
    const Place place = grid.place(shape, tile);
    const bool whole = isWhole(grid, place.inside);
    const size_t offset = size_t(tile - tiles.begin) * grid.channels;
    for (int c = 0; c < grid.channels; c += kLanes) {
      if (whole) {
        visit(std::true_type{}, place, c, offset + c);
      } else {
        visit(std::false_type{}, place, c, offset + c);
      }
    }
  }
}

// The rows of pixels that the tiles of a block lie in, and how to prefetch them: the latency of memory
// hides behind the products, which need nothing from there.
struct Rows {
  const float* first;
  size_t lines;  // cache lines

  void prefetch(int part) const {
    for (size_t line = lines * part / kPositions, end = lines * (part + 1) / kPositions; line < end; ++line) {
      __builtin_prefetch(first + line * kLineFloats);
    }
  }
};

static Rows rowsOf(const Shape& shape, const Grid& grid, Tiles tiles, const float* images) {
  if (tiles.begin >= tiles.end) return {images, 0};
  const int across = shape.tilesAcross(), down = shape.tilesDown();
  const auto row = [&](int tile) { return tile / across / down * grid.height + tile / across % down * 4; };
  const size_t begin = row(tiles.begin), end = std::min(row(tiles.end - 1) + 4, shape.batch * grid.height);
  const size_t width = size_t(grid.width) * grid.channels;
  return {images + begin * width, (end - begin) * width / kLineFloats};
}

static void transformWindows(const Shape& shape, Tiles tiles, const float* x, float* out) {
  const Grid grid = windowsOf(shape);
  const size_t stride = strideOf(grid.channels);
  forEachVector(shape, tiles, grid, [&](auto whole, const Place& place, int channel, size_t offset) {
    transformWindow<whole>(x + channel, place, out + offset, stride);
  });
}

static void transformResultGradients(const Shape& shape, Tiles tiles, const float* dy, float* out) {
  const Grid grid = tilesOf(shape);
  const size_t stride = strideOf(grid.channels);
  forEachVector(shape, tiles, grid, [&](auto whole, const Place& place, int channel, size_t offset) {
    transformResultGradient<whole>(dy + channel, place, out + offset, stride);
  });
}

static void storeResults(const Shape& shape, Tiles tiles, const float* products, const float* bias, bool relu, float* y) {
  const Grid grid = tilesOf(shape);
  const size_t stride = strideOf(grid.channels);
  forEachVector(shape, tiles, grid, [&](auto whole, const Place& place, int channel, size_t offset) {
    const Vector shift = bias == nullptr ? Vector{} : load(bias + channel);
    transformResults<whole>(products + offset, stride, shift, relu, y + channel, place);
  });
}

// Whether all of the vectors are finite: 0 times NaN or infinity is NaN, which no sum loses.
static bool areFinite(const float* values, size_t count) {
  constexpr size_t kSums = 4;
  Vector sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums * kLanes <= count; i += kSums * kLanes) {
    for (size_t s = 0; s < kSums; ++s) sums[s] += 0.0f * load(values + i + s * kLanes);
  }
  float total = 0;
  for (; i < count; ++i) total += 0.0f * values[i];
  for (const Vector& sum : sums) {
    for (int lane = 0; lane < kLanes; ++lane) total += sum[lane];
  }
  return total == 0.0f;
}

// The same for the share of the images that belongs to a block if the tiles share all of it: nearly what the block reads anyway, so
// that it is in the cache.
static bool areFinite(const Shape& shape, const Grid& grid, Tiles block, const float* images) {
  const size_t size = size_t(shape.batch) * grid.height * grid.width * grid.channels, share = size / shape.tiles();
  const size_t begin = share * block.begin, end = block.end == shape.tiles() ? size : share * block.end;
  return areFinite(images + begin, end - begin);
}

static Tiles blockAfter(Tiles block, Tiles all) { return {block.end, std::min(all.end, block.end + kTilesPerBlock)}; }

static bool convolve(const Shape& shape, Tiles tiles, const float* x, const float* transformedFilter, const float* bias,
                     bool relu, float* y, float* scratch) {
  const int in = shape.inChannels, out = shape.outChannels;
  float* windows = scratch;
  float* products = scratch + blockSize(in);
  for (int begin = tiles.begin; begin < tiles.end; begin += kTilesPerBlock) {
    const Tiles block{begin, std::min(tiles.end, begin + kTilesPerBlock)};
    const int rows = block.end - begin;
    if (!areFinite(shape, windowsOf(shape), block, x)) return false;
    transformWindows(shape, block, x, windows);
    const Rows coming = rowsOf(shape, windowsOf(shape), blockAfter(block, tiles), x), results = rowsOf(shape, tilesOf(shape), block, y);
    for (int position = 0; position < kPositions; ++position) {
      coming.prefetch(position);
      results.prefetch(position);
      multiplyBy(windows + position * strideOf(in), rows, in, transformedFilter + position * shape.filterSize(), out,
                 products + position * strideOf(out));
    }
    storeResults(shape, block, products, bias, relu, y);
  }
  return true;
}

static bool addFilterGradient(const Shape& shape, Tiles tiles, const float* x, const float* dy, float* sums, float* scratch) {
  const int in = shape.inChannels, out = shape.outChannels;
  float* windows = scratch;
  float* gradients = scratch + blockSize(in);
  for (int begin = tiles.begin; begin < tiles.end; begin += kTilesPerBlock) {
    const Tiles block{begin, std::min(tiles.end, begin + kTilesPerBlock)};
    const int rows = block.end - begin;
    if (!areFinite(shape, windowsOf(shape), block, x) || !areFinite(shape, tilesOf(shape), block, dy)) return false;
    transformWindows(shape, block, x, windows);
    transformResultGradients(shape, block, dy, gradients);
    const Tiles next = blockAfter(block, tiles);
    const Rows comingX = rowsOf(shape, windowsOf(shape), next, x), comingGradients = rowsOf(shape, tilesOf(shape), next, dy);
    for (int position = 0; position < kPositions; ++position) {
      comingX.prefetch(position);
      comingGradients.prefetch(position);
      addProductTo(windows + position * strideOf(in), rows, in, gradients + position * strideOf(out), out,
                   sums + position * shape.filterSize());
    }
  }
  return true;
}

static void transformFilter(const float* filter, size_t size, float* transformed) {
  for (size_t i = 0; i < size; i += kLanes) {
    Vector columns[6][3];
    for (int c = 0; c < 3; ++c) {
      const float* weights = filter + c * size + i;
      weightTransform(load(weights), load(weights + 3 * size), load(weights + 6 * size), &columns[0][c], 3);
    }
    for (int r = 0; r < 6; ++r) {
      Vector row[6];
      weightTransform(columns[r][0], columns[r][1], columns[r][2], row, 1);
      for (int c = 0; c < 6; ++c) store(transformed + (r * 6 + c) * size + i, row[c]);
    }
  }
}

static void foldFilterGradient(const float* sums, size_t size, float* gradient) {
  for (size_t i = 0; i < size; i += kLanes) {
    const auto sum = [&](int position) { return load(sums + position * size + i); };
    Vector columns[3][6];
    for (int c = 0; c < 6; ++c) {
      weightGradientTransform(sum(c), sum(6 + c), sum(12 + c), sum(18 + c), sum(24 + c), sum(30 + c), &columns[0][c], 6);
    }
    for (int r = 0; r < 3; ++r) {
      const Vector* t = columns[r];
      Vector row[3];
      weightGradientTransform(t[0], t[1], t[2], t[3], t[4], t[5], row, 1);
      for (int c = 0; c < 3; ++c) store(gradient + (r * 3 + c) * size + i, row[c]);
    }
  }
}
