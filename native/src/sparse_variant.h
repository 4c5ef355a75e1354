// What is compiled once per instruction set: kernels_avx512.cpp and its like include sparse_kernels.h for it.
#pragma once

#include <cstddef>

#include "sparse.h"

namespace sparse {

// Columns that are computed together: as many as the registers hold sums of.
constexpr size_t kColumns = 80;

struct Variant {
  // Columns [begin, end) of c = alpha · a · b + beta · c for a row-major b of n columns; no column of c is read where beta is 0.
  void (*multiplyColumns)(const Rows& a, const float* b, size_t n, size_t begin, size_t end, float alpha, float beta, float* c);
};

#if defined(__x86_64__)
extern const Variant kAvx512;
extern const Variant kAvx2;
#endif

}  // namespace sparse
