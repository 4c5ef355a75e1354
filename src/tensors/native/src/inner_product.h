// Inner products of vectors of floats, added up in double precision.
#pragma once

#include <cstddef>

#include "simd.h"

// Parallel sums: additions need not wait for each other, in several registers of the widest kind.
constexpr size_t kLanes = 32;

VECTORISED static double innerProduct(const float* x, const float* y, size_t n) {
  double sums[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += static_cast<double>(x[i + lane]) * y[i + lane];
  }
  double total = 0;
  for (; i < n; ++i) total += static_cast<double>(x[i]) * y[i];
  for (size_t lane = 0; lane < kLanes; ++lane) total += sums[lane];
  return total;
}
