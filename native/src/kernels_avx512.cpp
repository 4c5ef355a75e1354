#if defined(__x86_64__)
// All of the standard library before the pragma: what is inlined from it must run on every machine.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sparse_variant.h"
#include "winograd_variant.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif

#define VECTOR_FLOATS 16

namespace sparse {
namespace avx512 {
#include "vectors.h"
#include "sparse_kernels.h"
}  // namespace avx512

const Variant kAvx512 = {avx512::multiplyColumns};
}  // namespace sparse

namespace winograd {
namespace avx512 {
#include "vectors.h"
#include "winograd_kernels.h"
}  // namespace avx512

const Variant kAvx512 = {avx512::transformFilter, avx512::convolve, avx512::addFilterGradient, avx512::foldFilterGradient};
}  // namespace winograd

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
