// Softmax, its logarithm, and the softmax cross entropy with its gradient, over the last axis.
#include <cmath>

#include "arguments.h"
#include "kernels.h"
#include "runtime.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;

float maximumOf(const float* row, size_t n) {
  float best = row[0];
  for (size_t i = 1; i < n; ++i) {
    if (row[i] > best || row[i] != row[i]) best = row[i];
  }
  return best;
}

// log Σ exp(row − maximum), in double precision.
double logSumExp(const float* row, size_t n, float maximum) {
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += std::exp(row[i] - maximum);
  return std::log(total);
}

constexpr size_t kRowGrain = 256;

// softmax(x, out, rows, columns)
Napi::Value softmax(Arguments& call) {
  const size_t rows = call.size(2), columns = call.size(3);
  const float* in = call.operand<float>(0, product(rows, columns));
  float* out = call.result<float>(1, product(rows, columns));
  if (columns == 0) return call.undefined();
  runtime::parallel(rows, kRowGrain, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const float* x = in + r * columns;
      float* y = out + r * columns;
      const float maximum = maximumOf(x, columns);
      double total = 0;
      for (size_t i = 0; i < columns; ++i) total += y[i] = std::exp(x[i] - maximum);
      const float factor = static_cast<float>(1.0 / total);
      for (size_t i = 0; i < columns; ++i) y[i] *= factor;
    }
  });
  return call.undefined();
}

// logSoftmax(x, out, rows, columns)
Napi::Value logSoftmax(Arguments& call) {
  const size_t rows = call.size(2), columns = call.size(3);
  const float* in = call.operand<float>(0, product(rows, columns));
  float* out = call.result<float>(1, product(rows, columns));
  if (columns == 0) return call.undefined();
  runtime::parallel(rows, kRowGrain, [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const float* x = in + r * columns;
      const float maximum = maximumOf(x, columns);
      const double logTotal = logSumExp(x, columns, maximum);
      for (size_t i = 0; i < columns; ++i) out[r * columns + i] = static_cast<float>((x[i] - maximum) - logTotal);
    }
  });
  return call.undefined();
}

// softmaxCrossEntropy(logits, labels, loss, gradient, rows, columns): loss[0] = the mean over the rows of
// −Σ labels·log softmax(logits), for labels that add up to 1 in each row, and its gradient (softmax(logits) − labels)/rows.
Napi::Value softmaxCrossEntropy(Arguments& call) {
  const size_t rows = call.size(4), columns = call.size(5);
  if (columns == 0) throw arguments::OutOfRange(call.placeOf(5) + "is 0: there is no class");
  const float* logits = call.operand<float>(0, product(rows, columns));
  const float* labels = call.operand<float>(1, product(rows, columns));
  float* loss = call.result<float>(2, Elements(1));
  float* gradient = call.result<float>(3, product(rows, columns));
  double losses = 0;
  for (size_t r = 0; r < rows; ++r) {
    const float* x = logits + r * columns;
    const float* y = labels + r * columns;
    float* g = gradient + r * columns;
    const float maximum = maximumOf(x, columns);
    double total = 0;
    for (size_t i = 0; i < columns; ++i) total += g[i] = std::exp(x[i] - maximum);
    const double logTotal = std::log(total);
    for (size_t i = 0; i < columns; ++i) {
      losses += y[i] * (logTotal - (x[i] - maximum));
      g[i] = static_cast<float>((g[i] / total - y[i]) / rows);
    }
  }
  loss[0] = static_cast<float>(losses / rows);
  return call.undefined();
}

}  // namespace

void exportSoftmax(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "softmax", softmax);
  exportFunction(env, exports, "logSoftmax", logSoftmax);
  exportFunction(env, exports, "softmaxCrossEntropy", softmaxCrossEntropy);
}

}  // namespace kernels
