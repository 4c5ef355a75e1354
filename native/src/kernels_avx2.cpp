#if defined(__x86_64__)
// All of the standard library before the pragma: what is inlined from it must run on every machine.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sparse_variant.h"
#include "winograd_variant.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define VECTOR_FLOATS 8

namespace sparse {
namespace avx2 {
#include "vectors.h"
#include "sparse_kernels.h"
}  // namespace avx2

const Variant kAvx2 = {avx2::multiplyColumns};
}  // namespace sparse

namespace winograd {
namespace avx2 {
#include "vectors.h"
#include "winograd_kernels.h"
}  // namespace avx2

const Variant kAvx2 = {avx2::transformFilter, avx2::convolve, avx2::addFilterGradient, avx2::foldFilterGradient};
}  // namespace winograd

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
