// Cache-line aligned Float32Arrays, freed when JavaScript drops them.
#include "aligned.h"
#include "arguments.h"
#include "kernels.h"

namespace kernels {
namespace {

Napi::Value allocate(const Napi::CallbackInfo& info) {
  const size_t count = arguments::size(info, 0);
  if (count > (size_t{1} << 40)) throw Napi::RangeError::New(info.Env(), "the array is too large");
  void* memory = alignedAllocate(count * sizeof(float));
  const Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(info.Env(), memory, count * sizeof(float),
                                                          [](Napi::BasicEnv, void* data) { alignedFree(data); });
  return Napi::Float32Array::New(info.Env(), count, buffer, 0);
}

// release(array): gives the memory of an array back before the garbage collector would; the array has no elements afterwards.
Napi::Value release(const Napi::CallbackInfo& info) {
  arguments::floats(info, 0, 0);
  info[0].As<Napi::Float32Array>().ArrayBuffer().Detach();
  return info.Env().Undefined();
}

}  // namespace

void exportMemory(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "allocate", allocate);
  exportFunction(env, exports, "release", release);
}

}  // namespace kernels
