// Textual: part of winograd_kernels.h, once per instruction set.
//
// Products of matrices of a block. All operands lie in the first- or second-level cache, and rows are whole vectors long.

// out [rows, n] = a [rows, k] · b [k, n]; registers hold kRows rows and kVectors vectors at a time.
template <int kRows, int kVectors>
KERNEL void multiplyRows(const float* a, int k, const float* b, int n, float* out) {
  Vector sums[kRows][kVectors] = {};
  for (int i = 0; i < k; ++i) {
    Vector row[kVectors];
    for (int v = 0; v < kVectors; ++v) row[v] = load(b + size_t(i) * n + v * kLanes);
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kVectors; ++v) sums[r][v] += a[size_t(r) * k + i] * row[v];
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) store(out + size_t(r) * n + v * kLanes, sums[r][v]);
  }
}

// Rows are taken kRows at a time to the end of the block, which is a multiple of it: what comes of rows that are not there is not
// looked at.
template <int kRows, int kVectors>
static void multiply(const float* a, int rows, int k, const float* b, int n, float* out) {
  for (int column = 0; column < n; column += kVectors * kLanes) {
    for (int row = 0; row < rows; row += kRows) {
      multiplyRows<kRows, kVectors>(a + size_t(row) * k, k, b + column, n, out + size_t(row) * n + column);
    }
  }
}

// The same for k = kDepth so small that a column of vectors of b stays in registers, which leaves one load for each product.
template <int kDepth, int kRows>
static void multiplyByHeld(const float* a, int rows, const float* b, int n, float* out) {
  for (int column = 0; column < n; column += kLanes) {
    Vector held[kDepth];
    for (int i = 0; i < kDepth; ++i) held[i] = load(b + size_t(i) * n + column);
    for (int row = 0; row < rows; row += kRows) {
      const float* from = a + size_t(row) * kDepth;
      Vector sums[kRows] = {};
#pragma GCC unroll 16
      for (int i = 0; i < kDepth; ++i) {
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) sums[r] += from[r * kDepth + i] * held[i];
      }
      for (int r = 0; r < kRows; ++r) store(out + size_t(row + r) * n + column, sums[r]);
    }
  }
}

// sums [m, n] += aᵀ · b of a [rows, m] and b [rows, n]. Each block is summed on its own first, which bounds the rounding.
template <int kRows, int kVectors>
static void addTransposedProduct(const float* a, int rows, int m, const float* b, int n, float* sums) {
  for (int i = 0; i < m; i += kRows) {
    for (int column = 0; column < n; column += kVectors * kLanes) {
      Vector block[kRows][kVectors] = {};
      for (int row = 0; row < rows; ++row) {
        Vector factors[kVectors];
        for (int v = 0; v < kVectors; ++v) factors[v] = load(b + size_t(row) * n + column + v * kLanes);
        for (int r = 0; r < kRows; ++r) {
          for (int v = 0; v < kVectors; ++v) block[r][v] += a[size_t(row) * m + i + r] * factors[v];
        }
      }
      for (int r = 0; r < kRows; ++r) {
        for (int v = 0; v < kVectors; ++v) {
          float* sum = sums + size_t(i + r) * n + column + v * kLanes;
          store(sum, load(sum) + block[r][v]);
        }
      }
    }
  }
}

// The largest parts that the registers have room for: 32 with AVX-512 and NEON, 16 with AVX2. All channel counts are multiples of 16.
static void multiplyBy(const float* a, int rows, int k, const float* b, int n, float* out) {
  if constexpr (kLanes == 8) {
    multiply<6, 2>(a, rows, k, b, n, out);
  } else if (kLanes == 16 && k == 16) {
    multiplyByHeld<16, 8>(a, rows, b, n, out);
  } else if (n % (4 * kLanes) == 0) {
    multiply<6, 4>(a, rows, k, b, n, out);
  } else if (n % (2 * kLanes) == 0) {
    multiply<12, 2>(a, rows, k, b, n, out);
  } else {
    multiply<12, 1>(a, rows, k, b, n, out);
  }
}

static void addProductTo(const float* a, int rows, int m, const float* b, int n, float* sums) {
  if constexpr (kLanes == 8) {
    addTransposedProduct<4, 2>(a, rows, m, b, n, sums);
  } else if (n % (4 * kLanes) == 0) {
    addTransposedProduct<4, 4>(a, rows, m, b, n, sums);
  } else if (n % (2 * kLanes) == 0) {
    addTransposedProduct<8, 2>(a, rows, m, b, n, sums);
  } else {
    addTransposedProduct<16, 1>(a, rows, m, b, n, sums);
  }
}
