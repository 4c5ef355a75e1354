// Cache-line aligned Float32Arrays, freed when JavaScript drops them.
#include "aligned.h"
#include "arguments.h"
#include "kernels.h"

namespace kernels {
namespace {

using arguments::Arguments;

// Elements of the largest array: some versions of Node end the process for a larger one.
constexpr size_t kMost = (size_t{1} << 30) - 1;

Napi::Value allocate(Arguments& call) {
  const size_t count = call.size(0);
  if (count > kMost) throw arguments::OutOfRange(call.placeOf(0) + "is more than " + std::to_string(kMost));
  void* memory = alignedAllocate(count * sizeof(float));
  const Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(call.env(), memory, count * sizeof(float),
                                                          [](Napi::BasicEnv, void* data) { alignedFree(data); });
  return Napi::Float32Array::New(call.env(), count, buffer, 0);
}

// release(array): frees the memory of an array before the garbage collector would; the array has no elements afterwards.
Napi::Value release(Arguments& call) {
  call.bufferOf<float>(0).Detach();
  return call.undefined();
}

}  // namespace

void exportMemory(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "allocate", allocate);
  exportFunction(env, exports, "release", release);
}

}  // namespace kernels
