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

void multiplyDense(bool transposeA, bool transposeB, size_t m, size_t n, size_t k, float alpha, const float* a, const float* b,
                   float beta, float* c) {
  const SignalGuard guard;
  dnnl::error::wrap_c_api(dnnl_sgemm(transposeA ? 'T' : 'N', transposeB ? 'T' : 'N', m, n, k, alpha, a, transposeA ? m : k,
                                     b, transposeB ? k : n, beta, c, n),
                          "the matrix product failed");
}

#if !defined(__x86_64__)
// oneDNN's portable product takes rows six at a time, and adds up those that are left over in another order. Where a row's result depends
// on how many rows there are, sampling by factors opens other ReLUs than training did (test/stages/factored-sampling.test.ts).
constexpr size_t kRowsTogether = 6;

// The product of the last rows, fewer than six, of which zeros make six.
void multiplyLastRows(bool transposeB, size_t rows, size_t n, size_t k, float alpha, const float* a, const float* b, float beta,
                      float* c) {
  static GrowingBuffer buffer;
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
  if (!transposeB && sparse::worthwhile(a, m * k, n)) {
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
Napi::Value gemm(const Napi::CallbackInfo& info) {
  const bool transposeA = arguments::flag(info, 0);
  const bool transposeB = arguments::flag(info, 1);
  const size_t m = arguments::size(info, 2), n = arguments::size(info, 3), k = arguments::size(info, 4);
  const float* a = arguments::floats(info, 6, m * k);
  const float* b = arguments::floats(info, 7, k * n);
  float* c = arguments::floats(info, 9, m * n);
  multiply(transposeA, transposeB, m, n, k, static_cast<float>(arguments::number(info, 5)), a, b,
           static_cast<float>(arguments::number(info, 8)), c);
  return info.Env().Undefined();
}

// batchedGemm(transposeA, transposeB, batch, batchA, batchB, m, n, k, a, b, c): matrix i of c is the product of matrix
// i mod batchA of a and matrix i mod batchB of b.
Napi::Value batchedGemm(const Napi::CallbackInfo& info) {
  const bool transposeA = arguments::flag(info, 0);
  const bool transposeB = arguments::flag(info, 1);
  const size_t batch = arguments::size(info, 2);
  const size_t batchA = arguments::size(info, 3), batchB = arguments::size(info, 4);
  const size_t m = arguments::size(info, 5), n = arguments::size(info, 6), k = arguments::size(info, 7);
  if (batchA == 0 || batchB == 0) throw Napi::RangeError::New(info.Env(), "the batch is empty");
  const float* a = arguments::floats(info, 8, batchA * m * k);
  const float* b = arguments::floats(info, 9, batchB * k * n);
  float* c = arguments::floats(info, 10, batch * m * n);
  for (size_t i = 0; i < batch; ++i) {
    multiply(transposeA, transposeB, m, n, k, 1.0f, a + (i % batchA) * m * k, b + (i % batchB) * k * n, 0.0f, c + i * m * n);
  }
  return info.Env().Undefined();
}

}  // namespace

void exportGemm(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "gemm", gemm);
  exportFunction(env, exports, "batchedGemm", batchedGemm);
}

}  // namespace kernels
