// Products of a matrix that is mostly zeros with a dense one, as images with a black background make them: four fifths of
// MNIST's pixels are 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sparse {

struct Entry {
  int32_t column;
  float value;
};

// The nonzero elements, row by row: those of row i are entries[first[i]] to entries[first[i + 1] - 1].
struct Rows {
  std::vector<uint32_t> first;
  std::vector<Entry> entries;

  size_t count() const { return first.size() - 1; }
};

// Whether leaving out zeros makes op(a) · b cheaper, and stays correct: 0 times NaN or infinity is NaN. `a` is m × k, b is k × n.
bool worthwhile(const float* a, const float* b, size_t m, size_t n, size_t k);

// c = alpha · op(a) · b + beta · c, with op(a) of m × k and all row-major, for a finite b.
void multiply(bool transposeA, size_t m, size_t n, size_t k, float alpha, const float* a, const float* b, float beta, float* c);

}  // namespace sparse
