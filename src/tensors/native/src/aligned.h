// Memory aligned to cache lines, which is also the width of the widest vector registers.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = 2 << 20;
// Smaller ones would all begin at the same offset in a page, and use the same sets of the caches when they are read together.
constexpr size_t kHugePagesFrom = 8 * kHugePage;

// Large arrays lie in huge pages where the system has them: one page fault instead of 512.
inline void* alignedAllocate(size_t bytes) {
  const size_t alignment = bytes >= kHugePagesFrom ? kHugePage : kAlignment;
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, rounded == 0 ? kAlignment : rounded) != 0) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // A hint: where it is refused, the pages are ordinary ones.
  if (alignment == kHugePage) madvise(memory, rounded / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  return memory;
}

inline void alignedFree(void* memory) { std::free(memory); }
