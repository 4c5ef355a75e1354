// Textual: included once per instruction set. The including file defines the set for which its functions are compiled, the number of floats
// in a vector (VECTOR_FLOATS), and the name of the kernels (VECTOR_KERNELS).

namespace {
#include "vectors.h"
}  // namespace

namespace sparse {
namespace {
#include "sparse_kernels.h"
}  // namespace
}  // namespace sparse

namespace winograd {
namespace {
#include "winograd_kernels.h"
}  // namespace
}  // namespace winograd

const VectorKernels VECTOR_KERNELS = {
    {sparse::multiplyColumns},
    {winograd::transformFilter, winograd::convolve, winograd::addFilterGradient, winograd::foldFilterGradient},
};
