// Memory aligned to cache lines, which is also the width of the widest vector registers.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

constexpr size_t kAlignment = 64;

inline void* alignedAllocate(size_t bytes) {
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = nullptr;
  if (posix_memalign(&memory, kAlignment, rounded == 0 ? kAlignment : rounded) != 0) throw std::bad_alloc();
  return memory;
}

inline void alignedFree(void* memory) { std::free(memory); }
