#if defined(__x86_64__)
// All of the standard library before the pragma: what is inlined from it must run on every machine.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "vector_kernels.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif

#define VECTOR_FLOATS 16
#define VECTOR_KERNELS kAvx512
#include "vector_kernels_of_set.h"

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
