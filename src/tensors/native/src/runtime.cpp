#include "runtime.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "growing_buffer.h"
#include "signal_guard.h"

namespace runtime {
namespace {

thread_local int threadCount = 1;

thread_local GrowingBuffer scratchpadBuffer;

#ifdef _OPENMP
// A frame of oneDNN's kernels needs about ten KiB.
constexpr size_t kLeastStack = 256 << 10;

// Throws where the system has no room for so many threads: OpenMP would end the process.
void tryThreads(int count) {
  std::mutex mutex;
  std::condition_variable ended;
  bool end = false;
  std::vector<std::thread> threads;
  std::string failure;
  try {
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&] {
        std::unique_lock<std::mutex> lock(mutex);
        ended.wait(lock, [&] { return end; });
      });
    }
  } catch (const std::system_error& error) {
    failure = error.what();
  }
  {
    const std::lock_guard<std::mutex> lock(mutex);
    end = true;
  }
  ended.notify_all();
  for (std::thread& thread : threads) thread.join();
  if (!failure.empty()) throw std::runtime_error("the system gives no " + std::to_string(count) + " threads more: " + failure);
}

size_t stackOfThisThread() {
#ifdef __linux__
  pthread_attr_t attributes;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return SIZE_MAX;
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  return size;
#else
  return SIZE_MAX;
#endif
}

struct Team {
  int threads;
  size_t leastStack;
};

// Starts the threads of OpenMP, which keep the present signal mask, and checks the team.
Team startTeam(int count) {
  Team team{1, SIZE_MAX};
  const SignalGuard guard;
#pragma omp parallel num_threads(count)
  {
    const size_t stack = omp_get_thread_num() == 0 ? SIZE_MAX : stackOfThisThread();
#pragma omp critical
    {
      team.threads = omp_get_num_threads();
      team.leastStack = std::min(team.leastStack, stack);
    }
  }
  return team;
}
#endif

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::stream& stream() {
  static thread_local dnnl::stream instance(engine());
  return instance;
}

int threads() { return threadCount; }

void setThreads(int count) {
#ifdef _OPENMP
  // Environment variables may have changed it; the number of threads has to be the one in the keys.
  omp_set_dynamic(0);
  omp_set_max_active_levels(std::max(1, omp_get_max_active_levels()));
  if (count > 1) {
    if (count > threadCount) tryThreads(count - 1);
    const Team team = startTeam(count);
    if (team.threads < count) {
      throw std::runtime_error("OpenMP gives " + std::to_string(team.threads) + " of " + std::to_string(count) +
                               " threads: unset OMP_THREAD_LIMIT");
    }
    if (team.leastStack < kLeastStack) {
      throw std::runtime_error("the threads of OpenMP have a stack of " + std::to_string(team.leastStack >> 10) +
                               " KiB: unset OMP_STACKSIZE");
    }
  }
  omp_set_num_threads(count);
#endif
  threadCount = count;
}

int hardwareThreads() { return std::max(1u, std::thread::hardware_concurrency()); }

int threadLimit() {
#ifdef _OPENMP
  return omp_get_thread_limit();
#else
  return 1;
#endif
}

dnnl::memory scratchpad(const dnnl::memory::desc& desc) {
  return dnnl::memory(desc, engine(), scratchpadBuffer.atLeast(std::max<size_t>(desc.get_size(), 64)));
}

}  // namespace runtime
