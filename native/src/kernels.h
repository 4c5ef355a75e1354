// One function per kernel family: each adds its functions to the addon's exports.
#pragma once

#include <napi.h>

#include <string>

namespace kernels {

void exportBatchNorm(Napi::Env env, Napi::Object exports);
void exportConvolution(Napi::Env env, Napi::Object exports);
void exportElementwise(Napi::Env env, Napi::Object exports);
void exportExampleGradients(Napi::Env env, Napi::Object exports);
void exportGemm(Napi::Env env, Napi::Object exports);
void exportGradientStatistics(Napi::Env env, Napi::Object exports);
void exportLayout(Napi::Env env, Napi::Object exports);
void exportMemory(Napi::Env env, Napi::Object exports);
void exportMinibatch(Napi::Env env, Napi::Object exports);
void exportOptimiser(Napi::Env env, Napi::Object exports);
void exportPooling(Napi::Env env, Napi::Object exports);
void exportReduction(Napi::Env env, Napi::Object exports);
void exportSoftmax(Napi::Env env, Napi::Object exports);

// Exports `function` under `name`; an exception of oneDNN or of the standard library becomes a JavaScript error.
template <typename Function>
void exportFunction(Napi::Env env, Napi::Object exports, const char* name, Function function) {
  const std::string label(name);
  exports.Set(name, Napi::Function::New(
                        env,
                        [function, label](const Napi::CallbackInfo& info) -> Napi::Value {
                          try {
                            return function(info);
                          } catch (const Napi::Error&) {
                            throw;
                          } catch (const std::exception& error) {
                            throw Napi::Error::New(info.Env(), "oneDNN " + label + ": " + error.what());
                          }
                        },
                        name));
}

}  // namespace kernels
