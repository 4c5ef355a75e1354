// Which of the kernels that are compiled per instruction set may run (kernels_avx512.cpp and its like).
#pragma once

#include <dnnl.hpp>

// The widest set that oneDNN may use, so that one setting (ONEDNN_MAX_CPU_ISA) and one name in the keys are for both; null where
// there are no kernels for it.
template <typename Variant>
const Variant* widestOf(const Variant& avx512, const Variant& avx2) {
  const auto may = [](dnnl::cpu_isa set) {
    return (static_cast<int>(dnnl::get_effective_cpu_isa()) & static_cast<int>(set)) == static_cast<int>(set);
  };
  if (may(dnnl::cpu_isa::avx512_core)) return &avx512;
  if (may(dnnl::cpu_isa::avx2)) return &avx2;
  return nullptr;
}
