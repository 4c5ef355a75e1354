#include "vector_kernels.h"

#include <dnnl.hpp>

namespace {

const VectorKernels* widest() {
#if defined(__x86_64__)
  const auto may = [](dnnl::cpu_isa set) {
    return (static_cast<int>(dnnl::get_effective_cpu_isa()) & static_cast<int>(set)) == static_cast<int>(set);
  };
  if (may(dnnl::cpu_isa::avx512_core)) return &kAvx512;
  if (may(dnnl::cpu_isa::avx2)) return &kAvx2;
  return nullptr;
#elif defined(__aarch64__)
  return &kNeon;
#else
  return nullptr;
#endif
}

}  // namespace

const char* vectorKernelsName() {
#if defined(__x86_64__)
  if (vectorKernels() == &kAvx512) return "avx512f";
  if (vectorKernels() == &kAvx2) return "avx2";
#elif defined(__aarch64__)
  if (vectorKernels() == &kNeon) return "neon";
#endif
  return "none";
}

const VectorKernels* vectorKernels() {
  static const VectorKernels* const kernels = widest();
  return kernels;
}
