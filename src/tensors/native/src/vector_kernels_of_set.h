// Textual: included once per instruction set, by a file that has said which set its functions are compiled for, how many floats a
// vector of it has (VECTOR_FLOATS), and what the kernels are to be called (VECTOR_KERNELS).

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
