#include "runtime.h"

#include <thread>

#include "growing_buffer.h"
#include "signal_guard.h"

namespace runtime {
namespace {

int threadCount = 1;

GrowingBuffer scratchpadBuffer;

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::stream& stream() {
  static dnnl::stream instance(engine());
  return instance;
}

int threads() { return threadCount; }

void setThreads(int count) {
  threadCount = count;
#ifdef _OPENMP
  omp_set_num_threads(count);
  // OpenMP starts its threads at the first parallel region, with the signal mask of that moment, which they keep.
  if (count > 1) {
    const SignalGuard guard;
#pragma omp parallel num_threads(count)
    {}
  }
#endif
}

int hardwareThreads() { return std::max(1u, std::thread::hardware_concurrency()); }

dnnl::memory scratchpad(const dnnl::memory::desc& desc) {
  return dnnl::memory(desc, engine(), scratchpadBuffer.atLeast(std::max<size_t>(desc.get_size(), 64)));
}

}  // namespace runtime
