// The addon's entry: the exports of every kernel family, and what the library says about itself.
#include <napi.h>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"

namespace {

const char* instructionSet() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41: return "SSE4.1";
    case dnnl::cpu_isa::avx: return "AVX";
    case dnnl::cpu_isa::avx2: return "AVX2";
    case dnnl::cpu_isa::avx2_vnni: return "AVX2 VNNI";
    case dnnl::cpu_isa::avx512_core: return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni: return "AVX-512 VNNI";
    case dnnl::cpu_isa::avx512_core_bf16: return "AVX-512 BF16";
    default:
#ifdef __aarch64__
      return "AArch64";
#else
      return "other";
#endif
  }
}

Napi::Value describe(const Napi::CallbackInfo& info) {
  const dnnl_version_t* version = dnnl_version();
  Napi::Object description = Napi::Object::New(info.Env());
  description.Set("version", std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                                 std::to_string(version->patch));
  description.Set("instructionSet", instructionSet());
  description.Set("threads", runtime::threads());
  description.Set("hardwareThreads", runtime::hardwareThreads());
  return description;
}

Napi::Value setThreads(const Napi::CallbackInfo& info) {
  const size_t count = arguments::size(info, 0);
  if (count < 1 || count > 1024) throw Napi::RangeError::New(info.Env(), "the number of threads is from 1 to 1024");
  runtime::setThreads(static_cast<int>(count));
  return info.Env().Undefined();
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  // One thread until told otherwise: parallelism is across processes.
  runtime::setThreads(1);
  kernels::exportFunction(env, exports, "describe", describe);
  kernels::exportFunction(env, exports, "setThreads", setThreads);
  kernels::exportBatchNorm(env, exports);
  kernels::exportConvolution(env, exports);
  kernels::exportElementwise(env, exports);
  kernels::exportExampleGradients(env, exports);
  kernels::exportGemm(env, exports);
  kernels::exportGradientStatistics(env, exports);
  kernels::exportLayout(env, exports);
  kernels::exportMemory(env, exports);
  kernels::exportMinibatch(env, exports);
  kernels::exportOptimiser(env, exports);
  kernels::exportPooling(env, exports);
  kernels::exportReduction(env, exports);
  kernels::exportSoftmax(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(onednn, initialise)
