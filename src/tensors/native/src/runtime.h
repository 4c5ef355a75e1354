// oneDNN's engine, which the process shares, and the state of each JavaScript thread: a stream, a number of threads to compute
// with, and memory that its calls use one after another.
#pragma once

#include <dnnl.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace runtime {

const dnnl::engine& engine();
dnnl::stream& stream();

int threads();
// Throws where the environment does not allow so many threads: oneDNN's kernels would wait forever for the missing ones.
void setThreads(int count);
int hardwareThreads();
// The most threads that OpenMP provides.
int threadLimit();

// Memory for a primitive's scratchpad: valid until the next call of the same thread, whose primitives run one after another.
dnnl::memory scratchpad(const dnnl::memory::desc& desc);

// Splits [0, count) into one contiguous range per thread, none smaller than `grain`, and runs body(begin, end) on each.
template <typename Body>
void parallel(size_t count, size_t grain, const Body& body) {
#ifdef _OPENMP
  const size_t ranges = std::min<size_t>(threads(), grain == 0 ? count : count / grain);
  if (ranges > 1) {
    const size_t length = (count + ranges - 1) / ranges;
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(ranges))
    for (size_t range = 0; range < ranges; ++range) {
      const size_t begin = std::min(count, range * length);
      const size_t end = std::min(count, begin + length);
      if (begin < end) body(begin, end);
    }
    return;
  }
#else
  (void)grain;
#endif
  if (count > 0) body(size_t{0}, count);
}

// Primitives by the bytes of their shape. The thread count belongs to every key: oneDNN fixes the split when it builds.
template <typename Key, typename Primitive>
class PrimitiveCache {
 public:
  template <typename Build>
  Primitive& get(const Key& shape, const Build& build) {
    std::string key(reinterpret_cast<const char*>(&shape), sizeof shape);
    key.push_back(static_cast<char>(threads()));
    key.push_back(static_cast<char>(threads() >> 8));
    const auto found = primitives_.find(key);
    if (found != primitives_.end()) return found->second;
    if (primitives_.size() >= kMostPrimitives) primitives_.clear();
    return primitives_.emplace(std::move(key), build()).first->second;
  }

 private:
  // Each holds generated code and a filter. Networks need a few dozen.
  static constexpr size_t kMostPrimitives = 512;

  std::unordered_map<std::string, Primitive> primitives_;
};

}  // namespace runtime
