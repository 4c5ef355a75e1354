#include "finite.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "simd.h"

namespace finite {
namespace {

constexpr uint32_t kExponent = 0x7f800000;
// How many numbers are read between two checks of the result.
constexpr size_t kBlock = 4096;

VECTORISED uint32_t notFinite(const float* values, size_t count) {
  uint32_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    found |= (bits & kExponent) == kExponent;
  }
  return found;
}

}  // namespace

bool all(const float* values, size_t count) {
  for (size_t begin = 0; begin < count; begin += kBlock) {
    if (notFinite(values + begin, std::min(kBlock, count - begin)) != 0) return false;
  }
  return true;
}

}  // namespace finite
