// What is compiled once per instruction set (vector_kernels_avx512.cpp and the like).
#pragma once

#include "sparse_variant.h"
#include "winograd_variant.h"

struct VectorKernels {
  sparse::Variant sparse;
  winograd::Variant winograd;
};

// The kernels for the widest set that oneDNN may use, so that one setting (ONEDNN_MAX_CPU_ISA) and one name in the keys apply to both; null
// where there are none for it.
const VectorKernels* vectorKernels();
const char* vectorKernelsName();

#if defined(__x86_64__)
extern const VectorKernels kAvx512;
extern const VectorKernels kAvx2;
#elif defined(__aarch64__)
extern const VectorKernels kNeon;
#endif
