#include "sparse.h"

#include <algorithm>

#include "finite.h"
#include "runtime.h"
#include "simd.h"
#include "vector_kernels.h"

namespace sparse {
namespace {

// Measured: if a third is nonzero, a product of 64 × 784 with 784 × 800 takes equally long either way.
constexpr double kMostNonzero = 0.3;
// Below this, building the list of entries would be too large a part of the whole.
constexpr size_t kLeastSize = 8192;

VECTORISED size_t zerosOf(const float* values, size_t count) {
  size_t zeros = 0;
  for (size_t i = 0; i < count; ++i) zeros += values[i] == 0.0f;
  return zeros;
}

// The entries of op(a), m × k. They are written without branches, every second of which would be mispredicted.
void list(bool transposeA, size_t m, size_t k, const float* a, Rows& rows) {
  const size_t rowStride = transposeA ? 1 : k, columnStride = transposeA ? m : 1;
  rows.first.resize(m + 1);
  rows.entries.resize(m * k + 1);
  Entry* const entries = rows.entries.data();
  uint32_t count = 0;
  for (size_t i = 0; i < m; ++i) {
    rows.first[i] = count;
    for (size_t j = 0; j < k; ++j) {
      const float value = a[i * rowStride + j * columnStride];
      entries[count] = {static_cast<int32_t>(j), value};
      count += value != 0.0f;
    }
  }
  rows.first[m] = count;
}

}  // namespace

bool worthwhile(const float* a, const float* b, size_t m, size_t n, size_t k) {
  const size_t size = m * k;
  return vectorKernels() != nullptr && size >= kLeastSize && size <= INT32_MAX && n >= kColumns &&
         size - zerosOf(a, size) <= kMostNonzero * size && finite::all(b, k * n);
}

void multiply(bool transposeA, size_t m, size_t n, size_t k, float alpha, const float* a, const float* b, float beta, float* c) {
  static thread_local Rows memory;  // reused
  // By reference: the threads that share the work have a `memory` of their own.
  Rows& rows = memory;
  list(transposeA, m, k, a, rows);
  runtime::parallel((n + kColumns - 1) / kColumns, 1, [&](size_t begin, size_t end) {
    vectorKernels()->sparse.multiplyColumns(rows, b, n, begin * kColumns, std::min(n, end * kColumns), alpha, beta, c);
  });
}

}  // namespace sparse
