// Memory that is reused from call to call.
#pragma once

#include <cstddef>
#include <memory>

#include "aligned.h"

// It only grows, and is freed at its end. Contents do not survive growth.
class GrowingBuffer {
 public:
  void* atLeast(size_t bytes) {
    if (bytes > capacity_) {
      memory_.reset();
      memory_.reset(alignedAllocate(bytes));
      capacity_ = bytes;
    }
    return memory_.get();
  }

 private:
  std::unique_ptr<void, void (*)(void*)> memory_{nullptr, alignedFree};
  size_t capacity_ = 0;
};
