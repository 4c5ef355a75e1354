// The process-wide oneDNN engine and stream, the number of threads, and the shared scratchpad.
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
void setThreads(int count);
int hardwareThreads();

// Memory for a primitive's scratchpad: valid until the next call. All primitives run one after another on the stream.
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
    return primitives_.emplace(std::move(key), build()).first->second;
  }

 private:
  std::unordered_map<std::string, Primitive> primitives_;
};

}  // namespace runtime
