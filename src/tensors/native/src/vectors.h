// Textual: part of vector_kernels_of_set.h.

#define KERNEL static inline __attribute__((always_inline))

constexpr int kLanes = VECTOR_FLOATS;
typedef float Vector __attribute__((vector_size(VECTOR_FLOATS * sizeof(float))));

KERNEL Vector load(const float* from) {
  Vector vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

KERNEL void store(float* to, Vector vector) { __builtin_memcpy(to, &vector, sizeof vector); }
