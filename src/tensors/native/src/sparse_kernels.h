// Textual: part of vector_kernels_of_set.h, after vectors.h.

// kVectors vectors of one row of the product.
template <int kVectors>
KERNEL void multiplyRow(const Entry* entry, const Entry* end, const float* b, size_t n, float alpha, float beta, float* c) {
  Vector sums[kVectors] = {};
  for (; entry < end; ++entry) {
    const float* row = b + entry->column * n;
    for (int v = 0; v < kVectors; ++v) sums[v] += entry->value * load(row + v * kLanes);
  }
  for (int v = 0; v < kVectors; ++v) {
    float* out = c + v * kLanes;
    store(out, beta == 0.0f ? alpha * sums[v] : alpha * sums[v] + beta * load(out));
  }
}

static void multiplyColumns(const Rows& a, const float* b, size_t n, size_t begin, size_t end, float alpha, float beta, float* c) {
  const auto first = [&](size_t row) { return a.entries.data() + a.first[row]; };
  size_t column = begin;
  for (; column + kColumns <= end; column += kColumns) {
    for (size_t row = 0; row < a.count(); ++row) {
      if (a.first[row] == a.first[row + 1] && beta == 1.0f) continue;
      multiplyRow<kColumns / kLanes>(first(row), first(row + 1), b + column, n, alpha, beta, c + row * n + column);
    }
  }
  for (; column + kLanes <= end; column += kLanes) {
    for (size_t row = 0; row < a.count(); ++row) {
      multiplyRow<1>(first(row), first(row + 1), b + column, n, alpha, beta, c + row * n + column);
    }
  }
  for (; column < end; ++column) {
    for (size_t row = 0; row < a.count(); ++row) {
      float sum = 0;
      for (const Entry* entry = first(row); entry < first(row + 1); ++entry) sum += entry->value * b[entry->column * n + column];
      float& out = c[row * n + column];
      out = beta == 0.0f ? alpha * sum : alpha * sum + beta * out;
    }
  }
}
