#if defined(__aarch64__)
// Every processor of arm64 has NEON: the compiler may use it anywhere, and nothing needs to be set for these functions.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "vector_kernels.h"

#define VECTOR_FLOATS 4
#define VECTOR_KERNELS kNeon
#include "vector_kernels_of_set.h"
#endif
