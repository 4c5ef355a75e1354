// Loops marked VECTORISED are compiled once per instruction set, and the loader picks the widest that the machine has,
// so that the addon does not depend on the machine that built it.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTORISED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORISED
#endif
