// Streaming sums over sampled gradients. Everything is added up in double precision.
#include "arguments.h"
#include "inner_product.h"
#include "kernels.h"
#include "runtime.h"
#include "simd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::sum;

// Long vectors are summed block by block, so that the result does not depend on the number of threads.
constexpr size_t kBlock = 8192;

VECTORISED double dotOf(const float* __restrict g, const double* __restrict v, size_t n) {
  double products[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) products[lane] += static_cast<double>(g[i + lane]) * v[i + lane];
  }
  double total = 0;
  for (; i < n; ++i) total += static_cast<double>(g[i]) * v[i];
  for (size_t lane = 0; lane < kLanes; ++lane) total += products[lane];
  return total;
}

// Four gradients at a time: the sums, twice as wide as a gradient, are read and written once for all four.
VECTORISED void accumulateFour(double* __restrict sum, double* __restrict directions, const float* __restrict g0,
                               const float* __restrict g1, const float* __restrict g2, const float* __restrict g3,
                               const double* __restrict inverse, size_t n) {
  const double w0 = inverse[0], w1 = inverse[1], w2 = inverse[2], w3 = inverse[3];
  for (size_t i = 0; i < n; ++i) {
    const double x0 = g0[i], x1 = g1[i], x2 = g2[i], x3 = g3[i];
    sum[i] += (x0 + x1) + (x2 + x3);
    directions[i] += (w0 * x0 + w1 * x1) + (w2 * x2 + w3 * x3);
  }
}

VECTORISED void accumulateOne(double* __restrict sum, double* __restrict directions, const float* __restrict g,
                              double inverse, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const double x = g[i];
    sum[i] += x;
    directions[i] += inverse * x;
  }
}

// gradientMoments(gradient, u | null, uOffset, out, count): out[0] += ‖g‖², out[1] += ⟨g, u⟩, with u from uOffset on.
Napi::Value gradientMoments(Arguments& call) {
  const size_t offset = call.size(2), count = call.size(4);
  const float* g = call.operand<float>(0, Elements(count));
  const float* from = call.optionalOperand<float>(1, sum(offset, count));
  const float* u = from == nullptr ? nullptr : from + offset;
  double* out = call.result<double>(3, Elements(2));
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t n = std::min(kBlock, count - begin);
    out[0] += innerProduct(g + begin, g + begin, n);
    if (u != nullptr) out[1] += innerProduct(g + begin, u + begin, n);
  }
  return call.undefined();
}

// gradientDot(gradient, v, vOffset, count): Σ g_i·v_i, with v from vOffset on.
Napi::Value gradientDot(Arguments& call) {
  const size_t offset = call.size(2), count = call.size(3);
  const float* g = call.operand<float>(0, Elements(count));
  const double* v = call.operand<double>(1, sum(offset, count)) + offset;
  double total = 0;
  for (size_t begin = 0; begin < count; begin += kBlock) {
    total += dotOf(g + begin, v + begin, std::min(kBlock, count - begin));
  }
  return Napi::Number::New(call.env(), total);
}

// accumulateGradients(gradients, inverseNorms, sum, directions, offset, count): sum += Σ g_j and directions += Σ g_j/‖g_j‖,
// both from `offset` on; inverseNorms[j] is 1/‖g_j‖.
Napi::Value accumulateGradients(Arguments& call) {
  const std::vector<Napi::Value> list = call.list(0, call.lengthOf<double>(1));
  const size_t samples = list.size(), offset = call.size(4), count = call.size(5);
  const double* inverse = call.operand<double>(1, Elements(samples));
  std::vector<const float*> gradients(samples);
  for (size_t j = 0; j < samples; ++j) gradients[j] = call.operandOf<float>(list[j], 0, Elements(count));
  double* sums = call.result<double>(2, sum(offset, count)) + offset;
  double* directions = call.result<double>(3, sum(offset, count)) + offset;
  runtime::parallel(count, 65536, [&](size_t begin, size_t end) {
    const size_t n = end - begin;
    size_t j = 0;
    for (; j + 4 <= samples; j += 4) {
      accumulateFour(sums + begin, directions + begin, gradients[j] + begin, gradients[j + 1] + begin,
                     gradients[j + 2] + begin, gradients[j + 3] + begin, inverse + j, n);
    }
    for (; j < samples; ++j) accumulateOne(sums + begin, directions + begin, gradients[j] + begin, inverse[j], n);
  });
  return call.undefined();
}

}  // namespace

void exportGradientStatistics(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "gradientMoments", gradientMoments);
  exportFunction(env, exports, "gradientDot", gradientDot);
  exportFunction(env, exports, "accumulateGradients", accumulateGradients);
}

}  // namespace kernels
