// The kernels of sparse_kernels.h, which are compiled once per instruction set.
#pragma once

#include <cstddef>

#include "sparse.h"

namespace sparse {

// Columns that are computed together: as many as there are registers for sums.
constexpr size_t kColumns = 80;

struct Variant {
  // Columns [begin, end) of c = alpha · a · b + beta · c for a row-major b of n columns; no column of c is read where beta is 0.
  void (*multiplyColumns)(const Rows& a, const float* b, size_t n, size_t begin, size_t end, float alpha, float beta, float* c);
};

}  // namespace sparse
