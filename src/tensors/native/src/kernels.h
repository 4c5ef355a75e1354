// One function per kernel family: each adds its functions to the addon's exports.
#pragma once

#include <napi.h>

#include <string>

#include "arguments.h"
#include "floating_point_mode.h"

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

// Exports `function` of the checked arguments under `name`. An exception becomes a JavaScript error.
template <typename Function>
void exportFunction(Napi::Env env, Napi::Object exports, const char* name, Function function) {
  const std::string label(name);
  exports.Set(name, Napi::Function::New(
                        env,
                        [function, label](const Napi::CallbackInfo& info) -> Napi::Value {
                          const auto text = [&](const std::exception& error) { return "oneDNN " + label + ": " + error.what(); };
                          const DefaultFloatingPointMode mode;
                          try {
                            arguments::Arguments call(info);
                            return function(call);
                          } catch (const Napi::Error&) {
                            throw;
                          } catch (const arguments::OutOfRange& error) {
                            throw Napi::RangeError::New(info.Env(), text(error));
                          } catch (const arguments::WrongType& error) {
                            throw Napi::TypeError::New(info.Env(), text(error));
                          } catch (const std::exception& error) {
                            throw Napi::Error::New(info.Env(), text(error));
                          }
                        },
                        name));
}

}  // namespace kernels
