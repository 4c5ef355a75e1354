// What sampling by factors does with the gradients of many examples, beside matrix products. Rows are examples. Sums are of double
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

uint32_t* indices(const Napi::CallbackInfo& info, size_t index, size_t required) {
  return arguments::array<uint32_t>(info[index], required, napi_uint32_array, "Uint32Array");
}

void requireBelow(const Napi::CallbackInfo& info, const uint32_t* values, size_t count, size_t limit) {
  for (size_t i = 0; i < count; ++i) {
    if (values[i] >= limit) throw Napi::RangeError::New(info.Env(), "an index is beyond the end");
  }
}

size_t lengthOf(const Napi::Value& value) {
  size_t length = 0;
  napi_get_typedarray_info(value.Env(), value, nullptr, &length, nullptr, nullptr, nullptr);
  return length;
}

// gatherColumns(bytes, length, rows, rowCount, columns, columnCount, out): out[r, c] = bytes[rows[r]·length + columns[c]] / 255
Napi::Value gatherColumns(const Napi::CallbackInfo& info) {
  const size_t length = arguments::size(info, 1), rowCount = arguments::size(info, 3), columnCount = arguments::size(info, 5);
  const uint8_t* bytes = arguments::array<uint8_t>(info[0], 0, napi_uint8_array, "Uint8Array");
  const uint32_t* rows = indices(info, 2, rowCount);
  const uint32_t* columns = indices(info, 4, columnCount);
  float* out = arguments::floats(info, 6, rowCount * columnCount);
  requireBelow(info, rows, rowCount, length == 0 ? 0 : lengthOf(info[0]) / length);
  requireBelow(info, columns, columnCount, length);
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
  return info.Env().Undefined();
}

// addRowProducts(x, y, sums, rows, columns): sums[r] += ⟨x_r, y_r⟩
Napi::Value addRowProducts(const Napi::CallbackInfo& info) {
  const size_t rows = arguments::size(info, 3), columns = arguments::size(info, 4);
  const float* x = arguments::floats(info, 0, rows * columns);
  const float* y = arguments::floats(info, 1, rows * columns);
  double* sums = arguments::doubles(info, 2, rows);
  runtime::parallel(rows, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) sums[r] += innerProduct(x + r * columns, y + r * columns, columns);
  });
  return info.Env().Undefined();
}

// scaleRows(x, factors, out, rows, columns, stride, start): out[r, start + c] = factors[r]·x[r, c], rows of out `stride` apart
Napi::Value scaleRows(const Napi::CallbackInfo& info) {
  const size_t rows = arguments::size(info, 3), columns = arguments::size(info, 4);
  const size_t stride = arguments::size(info, 5), start = arguments::size(info, 6);
  if (start + columns > stride) throw Napi::RangeError::New(info.Env(), "a row is longer than the stride");
  const float* x = arguments::floats(info, 0, rows * columns);
  const double* factors = arguments::doubles(info, 1, rows);
  float* out = arguments::floats(info, 2, rows * stride);
  runtime::parallel(rows, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) scale(out + r * stride + start, x + r * columns, factors[r], columns);
  });
  return info.Env().Undefined();
}

// addRows(x, stride, start, positions | null, rows, columns, total, offset): total[offset + positions[r]·columns + c] +=
// x[r, start + c], rows of x `stride` apart; positions ascend strictly, and without them row r goes to place r.
Napi::Value addRows(const Napi::CallbackInfo& info) {
  const size_t stride = arguments::size(info, 1), start = arguments::size(info, 2);
  const size_t rows = arguments::size(info, 4), columns = arguments::size(info, 5), offset = arguments::size(info, 7);
  if (start + columns > stride) throw Napi::RangeError::New(info.Env(), "a row is longer than the stride");
  const float* x = arguments::floats(info, 0, rows * stride);
  const uint32_t* positions = info[3].IsNull() ? nullptr : indices(info, 3, rows);
  if (positions != nullptr) {
    for (size_t r = 1; r < rows; ++r) {
      if (positions[r] <= positions[r - 1]) throw Napi::RangeError::New(info.Env(), "positions must ascend");
    }
  }
  const size_t places = rows == 0 ? 0 : positions == nullptr ? rows : size_t{positions[rows - 1]} + 1;
  double* total = arguments::doubles(info, 6, offset + places * columns) + offset;
  runtime::parallel(rows, kRowsPerThread, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      add(total + (positions == nullptr ? r : positions[r]) * columns, x + r * stride + start, columns);
    }
  });
  return info.Env().Undefined();
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

  Rows(const Napi::CallbackInfo& info, size_t index, size_t count, bool mayBeBytes) {
    width = arguments::size(info, index + 2);
    chosen = indices(info, index + 1, count);
    napi_typedarray_type type;
    size_t length = 0;
    if (napi_get_typedarray_info(info.Env(), info[index], &type, &length, nullptr, nullptr, nullptr) != napi_ok) {
      throw Napi::TypeError::New(info.Env(), "expected a typed array");
    }
    if (mayBeBytes && type == napi_uint8_array) {
      bytes = arguments::array<uint8_t>(info[index], 0, napi_uint8_array, "Uint8Array");
    } else {
      floats = arguments::floats(info, index, 0);
    }
    requireBelow(info, chosen, count, width == 0 ? 0 : length / width);
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

  // As gather, but rows that can be read where they are stay there.
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

// addMinibatchSquares(squares, count, size, inputs, inputRows, inputWidth, deltas, deltaRows, deltaWidth, deltaFactor, factor,
// byGram): for minibatch i, whose rows A of the inputs and Δ of the deltas (times deltaFactor) are those number i·size to (i + 1)·size:
// squares[i] += factor·‖AᵀΔ‖², where byGram says to take it as ⟨AAᵀ, ΔΔᵀ⟩. Inputs may be bytes.
Napi::Value addMinibatchSquares(const Napi::CallbackInfo& info) {
  const size_t count = arguments::size(info, 1), size = arguments::size(info, 2);
  double* squares = arguments::doubles(info, 0, count);
  const Rows inputs(info, 3, count * size, true), deltas(info, 6, count * size, false);
  const double deltaFactor = arguments::number(info, 9), factor = arguments::number(info, 10);
  if (arguments::flag(info, 11)) {
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
    return info.Env().Undefined();
  }
  std::vector<float> a(size * inputs.width), delta(size * deltas.width), product(inputs.width * deltas.width);
  const SignalGuard guard;
  for (size_t i = 0; i < count; ++i) {
    inputs.gather(a.data(), i * size, size, 1.0);
    deltas.gather(delta.data(), i * size, size, deltaFactor);
    multiply(a.data(), delta.data(), product.data(), inputs.width, deltas.width, size);
    squares[i] += factor * innerProduct(product.data(), product.data(), product.size());
  }
  return info.Env().Undefined();
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
