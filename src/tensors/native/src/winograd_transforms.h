// Textual: part of winograd_kernels.h, once per instruction set.
//
// The transforms of F(4 × 4, 3 × 3): filter, window and result are polynomials, and multiplying two polynomials is multiplying their
// values at enough points (Toom-Cook). Those are 0, ±a, ±b and ∞. Lavin & Gray 2016 take a = 1 and b = 2; with 3/4 and 3/2, whose
// powers are exact too, the rounding errors are half as large.
//
// With Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A for one channel of a tile, the gradient with respect to the filter is Gᵀ[(A dY Aᵀ) ⊙ (Bᵀ d B)]G. Each of these
// is applied to the columns, then to the rows. All work on one vector of channels.
constexpr float kA = 0.75f, kB = 1.5f;
constexpr float kA2 = kA * kA, kB2 = kB * kB, kA3 = kA2 * kA, kB3 = kB2 * kB;

// Bᵀ: six pixels of a window. At the point p: the coefficients of the product of (x − q) over all other points q.
KERNEL void windowTransform(Vector d0, Vector d1, Vector d2, Vector d3, Vector d4, Vector d5, Vector* out, int step) {
  const Vector evenA = d4 - kB2 * d2, oddA = d3 - kB2 * d1;
  const Vector evenB = d4 - kA2 * d2, oddB = d3 - kA2 * d1;
  out[0] = (kA2 * kB2) * d0 - (kA2 + kB2) * d2 + d4;
  out[step] = evenA + kA * oddA;
  out[2 * step] = evenA - kA * oddA;
  out[3 * step] = evenB + kB * oddB;
  out[4 * step] = evenB - kB * oddB;
  out[5 * step] = (kA2 * kB2) * d1 - (kA2 + kB2) * d3 + d5;
}

// Aᵀ: six products to four results, Σ pᵏ m for k = 0 … 3.
KERNEL void resultTransform(Vector m0, Vector m1, Vector m2, Vector m3, Vector m4, Vector m5, Vector* out, int step) {
  const Vector evenA = m1 + m2, oddA = m1 - m2, evenB = m3 + m4, oddB = m3 - m4;
  out[0] = m0 + evenA + evenB;
  out[step] = kA * oddA + kB * oddB;
  out[2 * step] = kA2 * evenA + kB2 * evenB;
  out[3 * step] = kA3 * oddA + kB3 * oddB + m5;
}

// A: from the gradients with respect to four results to those with respect to six products.
KERNEL void resultGradientTransform(Vector y0, Vector y1, Vector y2, Vector y3, Vector* out, int step) {
  const Vector evenA = y0 + kA2 * y2, oddA = kA * y1 + kA3 * y3;
  const Vector evenB = y0 + kB2 * y2, oddB = kB * y1 + kB3 * y3;
  out[0] = y0;
  out[step] = evenA + oddA;
  out[2 * step] = evenA - oddA;
  out[3 * step] = evenB + oddB;
  out[4 * step] = evenB - oddB;
  out[5 * step] = y3;
}

// 1 / the product of (p − q) over all other points q, for p = 0, ±a and ±b.
constexpr float kAtZero = 1.0f / (kA2 * kB2), kAtA = 0.5f / (kA2 * (kA2 - kB2)), kAtB = 0.5f / (kB2 * (kB2 - kA2));

// G: three weights of a filter, (g₀ + g₁p + g₂p²) times the factor of p.
KERNEL void weightTransform(Vector g0, Vector g1, Vector g2, Vector* out, int step) {
  const Vector evenA = kAtA * g0 + (kAtA * kA2) * g2, oddA = (kAtA * kA) * g1;
  const Vector evenB = kAtB * g0 + (kAtB * kB2) * g2, oddB = (kAtB * kB) * g1;
  out[0] = kAtZero * g0;
  out[step] = evenA + oddA;
  out[2 * step] = evenA - oddA;
  out[3 * step] = evenB + oddB;
  out[4 * step] = evenB - oddB;
  out[5 * step] = g2;
}

// Gᵀ: from six sums to the gradients with respect to three weights.
KERNEL void weightGradientTransform(Vector m0, Vector m1, Vector m2, Vector m3, Vector m4, Vector m5, Vector* out, int step) {
  const Vector evenA = m1 + m2, oddA = m1 - m2, evenB = m3 + m4, oddB = m3 - m4;
  out[0] = kAtZero * m0 + kAtA * evenA + kAtB * evenB;
  out[step] = (kAtA * kA) * oddA + (kAtB * kB) * oddB;
  out[2 * step] = (kAtA * kA2) * evenA + (kAtB * kB2) * evenB + m5;
}

// The rows and columns of a window or tile that lie in the image.
struct Inside {
  int firstRow, endRow, firstColumn, endColumn;

  bool holds(int row, int column) const {
    return row >= firstRow && row < endRow && column >= firstColumn && column < endColumn;
  }
};

// The place of a window or tile: its first pixel, which may be outside, as an offset into the images.
struct Place {
  ptrdiff_t corner, row, pixel;  // the latter two: floats from one to the next
  Inside inside;

  ptrdiff_t at(int r, int c) const { return corner + r * row + c * pixel; }
};

template <bool kWhole>
KERNEL Vector loadPixel(const float* images, const Place& place, int row, int column) {
  return kWhole || place.inside.holds(row, column) ? load(images + place.at(row, column)) : Vector{};
}

template <bool kWhole>
KERNEL void transformWindow(const float* images, const Place& place, float* out, size_t stride) {
  Vector columns[6][6];
  for (int c = 0; c < 6; ++c) {
    windowTransform(loadPixel<kWhole>(images, place, 0, c), loadPixel<kWhole>(images, place, 1, c),
                    loadPixel<kWhole>(images, place, 2, c), loadPixel<kWhole>(images, place, 3, c),
                    loadPixel<kWhole>(images, place, 4, c), loadPixel<kWhole>(images, place, 5, c), &columns[0][c], 6);
  }
  for (int r = 0; r < 6; ++r) {
    const Vector* t = columns[r];
    Vector row[6];
    windowTransform(t[0], t[1], t[2], t[3], t[4], t[5], row, 1);
    for (int c = 0; c < 6; ++c) store(out + (r * 6 + c) * stride, row[c]);
  }
}

template <bool kWhole>
KERNEL void transformResultGradient(const float* gradients, const Place& place, float* out, size_t stride) {
  Vector columns[6][4];
  for (int c = 0; c < 4; ++c) {
    resultGradientTransform(loadPixel<kWhole>(gradients, place, 0, c), loadPixel<kWhole>(gradients, place, 1, c),
                            loadPixel<kWhole>(gradients, place, 2, c), loadPixel<kWhole>(gradients, place, 3, c),
                            &columns[0][c], 4);
  }
  for (int r = 0; r < 6; ++r) {
    const Vector* t = columns[r];
    Vector row[6];
    resultGradientTransform(t[0], t[1], t[2], t[3], row, 1);
    for (int c = 0; c < 6; ++c) store(out + (r * 6 + c) * stride, row[c]);
  }
}

template <bool kWhole>
KERNEL void transformResults(const float* products, size_t stride, Vector bias, bool relu, float* results, const Place& place) {
  const auto product = [&](int position) { return load(products + position * stride); };
  Vector columns[4][6];
  for (int c = 0; c < 6; ++c) {
    resultTransform(product(c), product(6 + c), product(12 + c), product(18 + c), product(24 + c), product(30 + c),
                    &columns[0][c], 6);
  }
  for (int r = 0; r < 4; ++r) {
    const Vector* t = columns[r];
    Vector row[4];
    resultTransform(t[0], t[1], t[2], t[3], t[4], t[5], row, 1);
    for (int c = 0; c < 4; ++c) {
      if (!kWhole && !place.inside.holds(r, c)) continue;
      const Vector value = row[c] + bias;
      store(results + place.at(r, c), relu ? rectify(value) : value);
    }
  }
}
