// What sampling by factors does with the gradients of many examples, in addition to matrix products. Rows are examples. Sums are of double
// precision.
#include <dnnl.h>

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "arguments.h"
#include "inner_product.h"
#include "kernels.h"
#include "runtime.h"
#include "signal_guard.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;
using arguments::sum;

constexpr size_t kRowsPerThread = 64;

VECTORISED void scale(float* out, const float* x, double factor, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(factor * x[i]);
}

VECTORISED void convert(float* __restrict out, const uint8_t* __restrict bytes, float unit, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<float>(bytes[i]) / unit;
}

VECTORISED void add(double* __restrict total, const float* __restrict x, size_t n) {
  for (size_t i = 0; i < n; ++i) total[i] += x[i];
}

// An array of `count` indices, all of them below the limit.
const uint32_t* indices(Arguments& call, size_t index, size_t count, size_t limit) {
  const uint32_t* values = call.operand<uint32_t>(index, Elements(count));
  for (size_t i = 0; i < count; ++i) {
    if (values[i] >= limit) throw arguments::OutOfRange(call.placeOf(index) + "holds an index that is beyond the end");
  }
  return values;
}

size_t rowsOf(size_t length, size_t width) { return width == 0 ? 0 : length / width; }

// gatherColumns(bytes, length, rows, rowCount, columns, columnCount, out): out[r, c] = bytes[rows[r]·length + columns[c]] / 255
Napi::Value gatherColumns(Arguments& call) {
  const size_t length = call.size(1), rowCount = call.size(3), columnCount = call.size(5);
  const size_t size = call.lengthOf<uint8_t>(0);
  const uint8_t* bytes = call.operand<uint8_t>(0, Elements(size));
  const uint32_t* rows = indices(call, 2, rowCount, rowsOf(size, length));
  const uint32_t* columns = indices(call, 4, columnCount, length);
  float* out = call.result<float>(6, product(rowCount, columnCount));
  // Neighbours are converted together.
  std::vector<std::pair<size_t, size_t>> runs;
  for (size_t c = 0; c < columnCount; ++c) {
    if (c > 0 && columns[c] == columns[c - 1] + 1) ++runs.back().second;
    else runs.emplace_back(columns[c], 1);
  }
  runtime::parallel(rowCount, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const uint8_t* from = bytes + rows[r] * length;
      float* to = out + r * columnCount;
      for (const auto& [first, count] : runs) {
        convert(to, from + first, 255.0f, count);
        to += count;
      }
    }
  });
  return call.undefined();
}

// addRowProducts(x, y, sums, rows, columns): sums[r] += ⟨x_r, y_r⟩
Napi::Value addRowProducts(Arguments& call) {
  const size_t rows = call.size(3), columns = call.size(4);
  const float* x = call.operand<float>(0, product(rows, columns));
  const float* y = call.operand<float>(1, product(rows, columns));
  double* sums = call.result<double>(2, Elements(rows));
  runtime::parallel(rows, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) sums[r] += innerProduct(x + r * columns, y + r * columns, columns);
  });
  return call.undefined();
}

void requireFit(size_t start, size_t columns, size_t stride) {
  if (sum(start, columns).count() > stride) throw arguments::OutOfRange("a row is longer than the stride");
}

// scaleRows(x, factors, out, rows, columns, stride, start): out[r, start + c] = factors[r]·x[r, c], rows of out `stride` apart
Napi::Value scaleRows(Arguments& call) {
  const size_t rows = call.size(3), columns = call.size(4);
  const size_t stride = call.size(5), start = call.size(6);
  requireFit(start, columns, stride);
  const float* x = call.operand<float>(0, product(rows, columns));
  const double* factors = call.operand<double>(1, Elements(rows));
  float* out = call.result<float>(2, product(rows, stride));
  runtime::parallel(rows, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) scale(out + r * stride + start, x + r * columns, factors[r], columns);
  });
  return call.undefined();
}

// addRows(x, stride, start, positions | null, rows, columns, total, offset): total[offset + positions[r]·columns + c] +=
// x[r, start + c], rows of x `stride` apart; positions ascend strictly, and without them row r goes to place r.
Napi::Value addRows(Arguments& call) {
  const size_t stride = call.size(1), start = call.size(2);
  const size_t rows = call.size(4), columns = call.size(5), offset = call.size(7);
  requireFit(start, columns, stride);
  const float* x = call.operand<float>(0, product(rows, stride));
  const uint32_t* positions = call.optionalOperand<uint32_t>(3, Elements(rows));
  if (positions != nullptr) {
    for (size_t r = 1; r < rows; ++r) {
      if (positions[r] <= positions[r - 1]) throw arguments::OutOfRange("positions must ascend");
    }
  }
  const size_t places = rows == 0 ? 0 : positions == nullptr ? rows : size_t{positions[rows - 1]} + 1;
  double* total = call.result<double>(6, sum(offset, product(places, columns).count())) + offset;
  if (columns == 0) return call.undefined();
  runtime::parallel(rows, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      add(total + (positions == nullptr ? r : positions[r]) * columns, x + r * stride + start, columns);
    }
  });
  return call.undefined();
}

// out = AᵀΔ, [m, n], of matrices of k rows.
void multiply(const float* a, const float* delta, float* out, size_t m, size_t n, size_t k) {
  dnnl::error::wrap_c_api(dnnl_sgemm('T', 'N', m, n, k, 1.0f, a, m, delta, n, 0.0f, out, n), "the matrix product failed");
}

// The chosen rows of a matrix of floats or of bytes.
struct Rows {
  const float* floats = nullptr;
  const uint8_t* bytes = nullptr;
  const uint32_t* chosen = nullptr;
  size_t width = 0;

  Rows(Arguments& call, size_t index, size_t count, bool mayBeBytes) {
    width = call.size(index + 2);
    const bool ofBytes = mayBeBytes && call.holds<uint8_t>(index);
    const size_t length = ofBytes ? call.lengthOf<uint8_t>(index) : call.lengthOf<float>(index);
    if (ofBytes) bytes = call.operand<uint8_t>(index, Elements(length));
    else floats = call.operand<float>(index, Elements(length));
    chosen = indices(call, index + 1, count, rowsOf(length, width));
  }

  // Rows number `from` on, times `factor`, one after the other.
  void gather(float* out, size_t from, size_t count, double factor) const {
    for (size_t r = 0; r < count; ++r) {
      const size_t start = chosen[from + r] * width;
      if (bytes != nullptr) convert(out + r * width, bytes + start, 1.0f, width);
      else if (factor == 1.0) std::memcpy(out + r * width, floats + start, width * sizeof(float));
      else scale(out + r * width, floats + start, factor, width);
    }
  }

  // Like gather, but rows that can be read in place stay there.
  void pointTo(const float** rows, float* memory, size_t from, size_t count, double factor) const {
    const bool inPlace = bytes == nullptr && factor == 1.0;
    if (!inPlace) gather(memory, from, count, factor);
    for (size_t r = 0; r < count; ++r) rows[r] = inPlace ? floats + chosen[from + r] * width : memory + r * width;
  }
};

typedef float Vector __attribute__((vector_size(64)));
constexpr size_t kVector = sizeof(Vector) / sizeof(float);

// The elements of a vector in another order. GCC has __builtin_shufflevector from its version 12 on only, and Ubuntu 22.04 has 11.
#ifdef __clang__
#define SHUFFLED(v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#else
typedef int32_t Positions __attribute__((vector_size(sizeof(Vector))));
#define SHUFFLED(v, ...) __builtin_shuffle(v, Positions{__VA_ARGS__})
#endif

// Rows of a tile of a Gram matrix: its sums, and what is read for one step, fit the registers of AVX-512.
constexpr size_t kTile = 4;

// Inner products of four rows with four rows of n elements.
VECTORISED void gramTile(float* __restrict products, const float* const* x, const float* const* y, size_t n) {
  Vector sums[kTile][kTile] = {};
  Vector left, right[kTile];
  size_t k = 0;
  for (; k + kVector <= n; k += kVector) {
    for (size_t j = 0; j < kTile; ++j) std::memcpy(&right[j], y[j] + k, sizeof(Vector));
    for (size_t i = 0; i < kTile; ++i) {
      std::memcpy(&left, x[i] + k, sizeof(Vector));
      for (size_t j = 0; j < kTile; ++j) sums[i][j] += left * right[j];
    }
  }
  if (k < n) {
    const size_t rest = (n - k) * sizeof(float);
    for (size_t j = 0; j < kTile; ++j) {
      right[j] = Vector{};
      std::memcpy(&right[j], y[j] + k, rest);
    }
    for (size_t i = 0; i < kTile; ++i) {
      left = Vector{};
      std::memcpy(&left, x[i] + k, rest);
      for (size_t j = 0; j < kTile; ++j) sums[i][j] += left * right[j];
    }
  }
  for (size_t i = 0; i < kTile; ++i) {
    for (size_t j = 0; j < kTile; ++j) {
      Vector v = sums[i][j];
      v += SHUFFLED(v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
      v += SHUFFLED(v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
      v += SHUFFLED(v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
      products[i * kTile + j] = v[0] + v[1];
    }
  }
}

// ⟨AAᵀ, ΔΔᵀ⟩ of `size` rows each, a multiple of kTile: tile by tile, those below the diagonal as those above.
double gramProduct(const float* const* a, size_t widthA, const float* const* delta, size_t widthDelta, size_t size) {
  double total = 0;
  for (size_t i = 0; i < size; i += kTile) {
    for (size_t j = i; j < size; j += kTile) {
      float left[kTile * kTile], right[kTile * kTile];
      gramTile(left, a + i, a + j, widthA);
      gramTile(right, delta + i, delta + j, widthDelta);
      double sum = 0;
      for (size_t k = 0; k < kTile * kTile; ++k) sum += static_cast<double>(left[k]) * right[k];
      total += i == j ? sum : 2 * sum;
    }
  }
  return total;
}

// The limit of a call's own memory: a few short arrays can ask for more than the machine has.
constexpr size_t kMostScratch = size_t{1} << 28;

void requireScratch(Elements floats) {
  if (floats.count() > kMostScratch) throw arguments::OutOfRange("the minibatch and the widths are too large together");
}

// addMinibatchSquares(squares, count, size, inputs, inputRows, inputWidth, deltas, deltaRows, deltaWidth, deltaFactor, factor,
// byGram): for minibatch i, whose rows A of the inputs and Δ of the deltas (times deltaFactor) are those number i·size to (i + 1)·size:
// squares[i] += factor·‖AᵀΔ‖², where byGram says to take it as ⟨AAᵀ, ΔΔᵀ⟩. Inputs may be bytes.
Napi::Value addMinibatchSquares(Arguments& call) {
  const size_t count = call.size(1), size = call.size(2);
  const size_t rows = product(count, size).count();
  const Rows inputs(call, 3, rows, true), deltas(call, 6, rows, false);
  double* squares = call.result<double>(0, Elements(count));
  const double deltaFactor = call.number(9), factor = call.number(10);
  const bool byGram = call.flag(11);
  if (rows == 0) return call.undefined();
  requireScratch(byGram ? product(size, sum(inputs.width, deltas.width).count()) : product(inputs.width, deltas.width));
  if (byGram) {
    const size_t padded = (size + kTile - 1) / kTile * kTile;
    const std::vector<float> zeros(std::max(inputs.width, deltas.width));
    runtime::parallel(count, 1, [&](size_t begin, size_t end) {
      std::vector<float> memory(size * (inputs.width + deltas.width));
      std::vector<const float*> a(padded, zeros.data()), delta(padded, zeros.data());
      for (size_t i = begin; i < end; ++i) {
        inputs.pointTo(a.data(), memory.data(), i * size, size, 1.0);
        deltas.pointTo(delta.data(), memory.data() + size * inputs.width, i * size, size, deltaFactor);
        squares[i] += factor * gramProduct(a.data(), inputs.width, delta.data(), deltas.width, padded);
      }
    });
    return call.undefined();
  }
  std::vector<float> a(size * inputs.width), delta(size * deltas.width), product(inputs.width * deltas.width);
  const SignalGuard guard;
  for (size_t i = 0; i < count; ++i) {
    inputs.gather(a.data(), i * size, size, 1.0);
    deltas.gather(delta.data(), i * size, size, deltaFactor);
    multiply(a.data(), delta.data(), product.data(), inputs.width, deltas.width, size);
    squares[i] += factor * innerProduct(product.data(), product.data(), product.size());
  }
  return call.undefined();
}

}  // namespace

void exportExampleGradients(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "gatherColumns", gatherColumns);
  exportFunction(env, exports, "addRowProducts", addRowProducts);
  exportFunction(env, exports, "scaleRows", scaleRows);
  exportFunction(env, exports, "addRows", addRows);
  exportFunction(env, exports, "addMinibatchSquares", addMinibatchSquares);
}

}  // namespace kernels
