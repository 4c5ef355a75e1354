#if defined(__x86_64__)
// All of the standard library before the pragma: what is inlined from it must run on every machine.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "vector_kernels.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define VECTOR_FLOATS 8
#define VECTOR_KERNELS kAvx2
#include "vector_kernels_of_set.h"

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
