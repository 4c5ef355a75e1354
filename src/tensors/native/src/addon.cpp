// The addon's entry: the exports of every kernel family, and what the library says about itself.
#include <napi.h>

#include <dnnl.hpp>

#include "arguments.h"
#include "kernels.h"
#include "processor.h"
#include "runtime.h"

namespace {

using arguments::Arguments;

Napi::Value describe(Arguments& call) {
  const dnnl_version_t* version = dnnl_version();
  Napi::Object description = Napi::Object::New(call.env());
  description.Set("version", std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                                 std::to_string(version->patch));
  description.Set("instructionSet", processor::instructionSet());
  description.Set("ownInstructionSet", processor::ownInstructionSet());
  description.Set("caches", processor::caches());
  description.Set("libraryFile", processor::libraryFile());
  description.Set("mathematicsFile", processor::mathematicsFile());
  description.Set("threads", runtime::threads());
  description.Set("threadLimit", runtime::threadLimit());
  description.Set("hardwareThreads", runtime::hardwareThreads());
  return description;
}

Napi::Value setThreads(Arguments& call) {
  const size_t count = call.size(0);
  if (count < 1 || count > 1024) throw arguments::OutOfRange("the number of threads is from 1 to 1024");
  runtime::setThreads(static_cast<int>(count));
  return call.undefined();
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  processor::fixArithmetic();
  // One thread until told otherwise: parallelism is across processes.
  runtime::setThreads(runtime::threads());
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
