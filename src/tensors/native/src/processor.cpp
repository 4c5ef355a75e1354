#include "processor.h"

#include <dlfcn.h>
#include <dnnl.h>
#include <dnnl_debug.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "vector_kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#include <sys/prctl.h>
#endif

namespace processor {
namespace {

std::string hexadecimal(uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

std::string withoutPrefix(const std::string& name, const std::string& prefix) {
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
// One version for each set of VECTORISED, which the loader chooses as it chooses the loops.
__attribute__((target("avx512f"))) const char* loops() { return "avx512f"; }
__attribute__((target("avx2"))) const char* loops() { return "avx2"; }
__attribute__((target("default"))) const char* loops() { return "baseline"; }
#else
const char* loops() { return "baseline"; }
#endif

// With or without fused multiply-add, by which the C library chooses its mathematical functions.
const char* fused() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("fma") ? "fma" : "no fma";
#else
  return "fma";
#endif
}

std::string fileOf(const void* address) {
  Dl_info found;
  return address != nullptr && dladdr(address, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : "";
}

}  // namespace

void fixArithmetic() { dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict); }

std::string instructionSet() {
  const dnnl_cpu_isa_t set = dnnl_get_effective_cpu_isa();
  const dnnl_cpu_isa_hints_t hints = dnnl_get_cpu_isa_hints();
  std::string text = withoutPrefix(dnnl_cpu_isa2str(set), "cpu_isa_") + " " + hexadecimal(static_cast<uint64_t>(set));
  if (hints != dnnl_cpu_isa_no_hints) text += " hints " + std::to_string(static_cast<int>(hints));
#if defined(__aarch64__) && defined(__linux__)
  // There oneDNN asks the system itself, and has no name for the answer.
  text += " aarch64 " + hexadecimal(getauxval(AT_HWCAP)) + " " + hexadecimal(getauxval(AT_HWCAP2));
#ifdef PR_SVE_GET_VL
  text += " sve " + std::to_string(prctl(PR_SVE_GET_VL) & PR_SVE_VL_LEN_MASK);
#endif
#endif
  return text;
}

std::string ownInstructionSet() {
  return std::string(vectorKernelsName()) + ", loops " + loops() + " " + fused();
}

std::string caches() {
  std::string text;
#if defined(__x86_64__)
  // As oneDNN reads them: size, and logical processors that share it. Intel and AMD report them in different leaves.
  for (const unsigned leaf : {4u, 0x8000001du}) {
    for (unsigned index = 0; index < 8; ++index) {
      unsigned a = 0, b = 0, c = 0, d = 0;
      if (!__get_cpuid_count(leaf, index, &a, &b, &c, &d) || (a & 31) == 0) break;
      const unsigned kind = a & 31, level = a >> 5 & 7;
      if (kind == 2 || level > 2) continue;
      const uint64_t size = uint64_t{(b >> 22) + 1} * ((b >> 12 & 1023) + 1) * ((b & 4095) + 1) * (uint64_t{c} + 1);
      text += (text.empty() ? "L" : " L") + std::to_string(level) + " " + std::to_string(size >> 10) + "K/" +
              std::to_string((a >> 14 & 4095) + 1);
    }
  }
#elif defined(_SC_LEVEL1_DCACHE_SIZE)
  text = "L1 " + std::to_string(sysconf(_SC_LEVEL1_DCACHE_SIZE) >> 10) + "K L2 " +
         std::to_string(sysconf(_SC_LEVEL2_CACHE_SIZE) >> 10) + "K";
#endif
  return text.empty() ? "unknown" : text;
}

std::string libraryFile() { return fileOf(reinterpret_cast<const void*>(&dnnl_version)); }

std::string mathematicsFile() { return fileOf(dlsym(RTLD_DEFAULT, "expf")); }

}  // namespace processor
