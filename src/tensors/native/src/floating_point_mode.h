// Sums and products are rounded to nearest, with denormal numbers, whatever a loaded library has set: one that
// was linked with -ffast-math flushes denormals to zero in its whole process.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

class DefaultFloatingPointMode {
 public:
  DefaultFloatingPointMode() : previous_(get()) {
    if (previous_ != kDefault) set(kDefault);
  }
  ~DefaultFloatingPointMode() {
    if (previous_ != kDefault) set(previous_);
  }
  DefaultFloatingPointMode(const DefaultFloatingPointMode&) = delete;
  DefaultFloatingPointMode& operator=(const DefaultFloatingPointMode&) = delete;

 private:
#if defined(__x86_64__)
  // The lowest six bits are flags of past exceptions.
  static constexpr uint64_t kDefault = 0x1f80;
  static uint64_t get() { return _mm_getcsr() & ~0x3fu; }
  static void set(uint64_t mode) { _mm_setcsr(static_cast<unsigned>(mode)); }
#elif defined(__aarch64__)
  static constexpr uint64_t kDefault = 0;
  static uint64_t get() {
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void set(uint64_t mode) { __asm__ volatile("msr fpcr, %0" ::"r"(mode)); }
#else
  static constexpr uint64_t kDefault = 0;
  static uint64_t get() { return kDefault; }
  static void set(uint64_t) {}
#endif

  uint64_t previous_;
};
