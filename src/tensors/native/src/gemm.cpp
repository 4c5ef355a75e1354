// Matrix products of row-major matrices.
#include <dnnl.h>

#include <algorithm>

#include "arguments.h"
#include "growing_buffer.h"
#include "kernels.h"
#include "runtime.h"
#include "signal_guard.h"
#include "sparse.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;

void multiplyDense(bool transposeA, bool transposeB, size_t m, size_t n, size_t k, float alpha, const float* a, const float* b,
                   float beta, float* c) {
  const SignalGuard guard;
  dnnl::error::wrap_c_api(dnnl_sgemm(transposeA ? 'T' : 'N', transposeB ? 'T' : 'N', m, n, k, alpha, a, transposeA ? m : k,
                                     b, transposeB ? k : n, beta, c, n),
                          "the matrix product failed");
}

#if !defined(__x86_64__)
// oneDNN's portable product processes six rows at a time, and adds up the remaining ones in another order. If a row's result depends
// on the number of rows, sampling by factors opens other ReLUs than training did (test/stages/factored-sampling.test.ts).
constexpr size_t kRowsTogether = 6;

// The product of the last rows, fewer than six, padded to six with zeros.
void multiplyLastRows(bool transposeB, size_t rows, size_t n, size_t k, float alpha, const float* a, const float* b, float beta,
                      float* c) {
  static thread_local GrowingBuffer buffer;
  float* const six = static_cast<float*>(buffer.atLeast(kRowsTogether * (k + n) * sizeof(float)));
  float* const product = six + kRowsTogether * k;
  std::fill(std::copy(a, a + rows * k, six), product, 0.0f);
  std::fill(std::copy(c, c + rows * n, product), product + kRowsTogether * n, 0.0f);
  multiplyDense(false, transposeB, kRowsTogether, n, k, alpha, six, b, beta, product);
  std::copy(product, product + rows * n, c);
}
#endif

void multiply(bool transposeA, bool transposeB, size_t m, size_t n, size_t k, float alpha, const float* a, const float* b,
              float beta, float* c) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    // oneDNN does not write to the result.
    for (size_t i = 0; i < m * n; ++i) c[i] = beta == 0.0f ? 0.0f : beta * c[i];
    return;
  }
  if (!transposeB && sparse::worthwhile(a, b, m, n, k)) {
    sparse::multiply(transposeA, m, n, k, alpha, a, b, beta, c);
    return;
  }
#if !defined(__x86_64__)
  const size_t left = transposeA ? 0 : m % kRowsTogether, whole = m - left;
  if (left > 0) {
    if (whole > 0) multiplyDense(false, transposeB, whole, n, k, alpha, a, b, beta, c);
    multiplyLastRows(transposeB, left, n, k, alpha, a + whole * k, b, beta, c + whole * n);
    return;
  }
#endif
  multiplyDense(transposeA, transposeB, m, n, k, alpha, a, b, beta, c);
}

// gemm(transposeA, transposeB, m, n, k, alpha, a, b, beta, c): c = alpha·op(a)·op(b) + beta·c, c of m × n, inner extent k.
Napi::Value gemm(Arguments& call) {
  const bool transposeA = call.flag(0);
  const bool transposeB = call.flag(1);
  const size_t m = call.size(2), n = call.size(3), k = call.size(4);
  const float* a = call.operand<float>(6, product(m, k));
  const float* b = call.operand<float>(7, product(k, n));
  float* c = call.result<float>(9, product(m, n));
  const float alpha = static_cast<float>(call.number(5)), beta = static_cast<float>(call.number(8));
  multiply(transposeA, transposeB, m, n, k, alpha, a, b, beta, c);
  return call.undefined();
}

// batchedGemm(transposeA, transposeB, batch, batchA, batchB, m, n, k, a, b, c): matrix i of c is the product of matrix
// i mod batchA of a and matrix i mod batchB of b.
Napi::Value batchedGemm(Arguments& call) {
  const bool transposeA = call.flag(0);
  const bool transposeB = call.flag(1);
  const size_t batch = call.size(2);
  const size_t batchA = call.size(3), batchB = call.size(4);
  const size_t m = call.size(5), n = call.size(6), k = call.size(7);
  if (batchA == 0 || batchB == 0) throw arguments::OutOfRange("there is no matrix to multiply by");
  const float* a = call.operand<float>(8, product(batchA, m, k));
  const float* b = call.operand<float>(9, product(batchB, k, n));
  float* c = call.result<float>(10, product(batch, m, n));
  if (m == 0 || n == 0) return call.undefined();
  for (size_t i = 0; i < batch; ++i) {
    multiply(transposeA, transposeB, m, n, k, 1.0f, a + (i % batchA) * m * k, b + (i % batchB) * k * n, 0.0f, c + i * m * n);
  }
  return call.undefined();
}

}  // namespace

void exportGemm(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "gemm", gemm);
  exportFunction(env, exports, "batchedGemm", batchedGemm);
}

}  // namespace kernels
