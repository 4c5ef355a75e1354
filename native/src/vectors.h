// Textual: included in a namespace of its own, once per instruction set, by a file that has said which set its functions are
// compiled for, and how many floats a vector of it has (VECTOR_FLOATS).

#undef KERNEL
#define KERNEL static inline __attribute__((always_inline))

constexpr int kLanes = VECTOR_FLOATS;
typedef float Vector __attribute__((vector_size(VECTOR_FLOATS * sizeof(float))));

KERNEL Vector load(const float* from) {
  Vector vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

KERNEL void store(float* to, Vector vector) { __builtin_memcpy(to, &vector, sizeof vector); }
