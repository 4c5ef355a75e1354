// Two-dimensional convolutions of NHWC tensors with HWIO filters, and both their gradients.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "arguments.h"
#include "dnnl_shim.h"
#include "kernels.h"
#include "runtime.h"
#include "signal_guard.h"
#include "winograd.h"

namespace kernels {
namespace {

using arguments::Arguments;
using arguments::Elements;
using arguments::product;

using dnnl::memory;
using Tag = memory::format_tag;

// The shape of a call, in the order of the geometry argument.
struct Geometry {
  int32_t batch, inHeight, inWidth, inChannels;
  int32_t filterHeight, filterWidth, outChannels;
  int32_t outHeight, outWidth;
  int32_t strideHeight, strideWidth;
  int32_t top, left, bottom, right;

  Elements inputSize() const { return product(batch, inHeight, inWidth, inChannels); }
  Elements filterSize() const { return product(filterHeight, filterWidth, inChannels, outChannels); }
  Elements outputSize() const { return product(batch, outHeight, outWidth, outChannels); }

  memory::desc input() const { return {{batch, inChannels, inHeight, inWidth}, memory::data_type::f32, Tag::nhwc}; }
  memory::desc output() const { return {{batch, outChannels, outHeight, outWidth}, memory::data_type::f32, Tag::nhwc}; }
  memory::desc filter(Tag tag) const {
    return {{outChannels, inChannels, filterHeight, filterWidth}, memory::data_type::f32, tag};
  }
  // Whether a tile of 4 × 4 results costs less than its results one by one. It does if most of it is in the image.
  bool suitsWinograd() const {
    const auto padding = [](int32_t pixels) { return pixels >= 0 && pixels <= 2; };
    const bool countable = product(batch, std::max(inHeight, outHeight), std::max(inWidth, outWidth)).count() <= INT32_MAX;
    return countable && filterHeight == 3 && filterWidth == 3 && strideHeight == 1 && strideWidth == 1 && padding(top) && padding(left) &&
           padding(bottom) && padding(right) && outHeight >= 4 && outWidth >= 4 && winograd::available(inChannels, outChannels);
  }
  winograd::Shape winogradShape() const {
    return {batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, top, left};
  }
  shim::ConvolutionGeometry padding() const {
    return {{strideHeight, strideWidth}, {top, left}, {bottom, right}};
  }
};

constexpr size_t kGeometryLength = sizeof(Geometry) / sizeof(int32_t);

// Offsets in an image are 32-bit numbers of bytes in oneDNN's generated code.
constexpr size_t kMostOfImage = (size_t{1} << 29) - 1;

Geometry geometryOf(Arguments& call, size_t index) {
  const auto values = call.integers<kGeometryLength>(index);
  Geometry g;
  std::memcpy(&g, values.data(), sizeof g);
  const auto refuse = [&] { throw arguments::OutOfRange(call.placeOf(index) + "is not the geometry of a convolution"); };
  if (std::any_of(values.begin(), values.end() - 4, [](int32_t value) { return value < 1; })) refuse();
  // Every window holds a pixel, and the padding at the end is what the extents leave: with strides it may be negative, where the last
  // pixels are in no window.
  const auto fits = [](int64_t in, int64_t window, int64_t out, int64_t stride, int64_t before, int64_t after) {
    return before >= 0 && before < window && after > -stride && after < window &&
           (out - 1) * stride + window == in + before + after;
  };
  if (!fits(g.inHeight, g.filterHeight, g.outHeight, g.strideHeight, g.top, g.bottom)) refuse();
  if (!fits(g.inWidth, g.filterWidth, g.outWidth, g.strideWidth, g.left, g.right)) refuse();
  for (const Elements image : {product(g.inHeight, g.inWidth, g.inChannels), product(g.outHeight, g.outWidth, g.outChannels),
                               g.filterSize()}) {
    if (image.count() > kMostOfImage) throw arguments::OutOfRange(call.placeOf(index) + "has an image or filter of 2 GiB or more");
  }
  return g;
}

struct ForwardKey {
  Geometry geometry;
  int32_t bias, relu;
};

dnnl::primitive_attr attributesOf(bool relu) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops operations;
    shim::appendRelu(operations);
    attributes.set_post_ops(operations);
  }
  return attributes;
}

// A memory object over caller's data; each call sets the handle.
memory view(const memory::desc& desc) { return memory(desc, runtime::engine(), nullptr); }

// oneDNN declares all data as writable, but writes only to results.
void show(memory& view, const float* data) { view.set_data_handle(const_cast<float*>(data)); }


// A filter in the layout that a primitive wants, and the reorder from (or to) HWIO.
class BlockedFilter {
 public:
  BlockedFilter(const memory::desc& plain, const memory::desc& blocked, bool back)
      : plain_(view(plain)), blocked_(blocked, runtime::engine()), same_(plain == blocked) {
    if (same_) return;
    if (back) {
      reorder_ = dnnl::reorder(blocked_, plain_);
    } else if ((places_ = shim::placesToFillByHand(blocked))) {
      // The gaps must be zeros, and stay so.
      std::memset(blocked_.get_data_handle(), 0, blocked.get_size());
    } else {
      reorder_ = dnnl::reorder(plain_, blocked_);
    }
  }

  memory& enter(const float* filter) {
    show(plain_, filter);
    if (same_) return plain_;
    if (places_) {
      fill(filter);
    } else {
      reorder_.execute(runtime::stream(), plain_, blocked_);
    }
    return blocked_;
  }

  memory& target(float* filter) {
    show(plain_, filter);
    return same_ ? plain_ : blocked_;
  }

  void leave() {
    if (!same_) reorder_.execute(runtime::stream(), blocked_, plain_);
  }

 private:
  void fill(const float* filter) {
    const auto& [outChannels, inChannels, rows, columns] = *places_;
    float* blocked = static_cast<float*>(blocked_.get_data_handle());
    for (const size_t row : rows) {
      for (const size_t column : columns) {
        for (const size_t inChannel : inChannels) {
          for (const size_t outChannel : outChannels) blocked[row + column + inChannel + outChannel] = *filter++;
        }
      }
    }
  }

  memory plain_, blocked_;
  bool same_;
  std::optional<shim::FilterPlaces> places_;
  dnnl::reorder reorder_;
};

struct Forward {
  Forward(const Geometry& geometry, const dnnl::convolution_forward::primitive_desc& description, bool bias)
      : primitive(description),
        input(view(geometry.input())),
        output(view(geometry.output())),
        filter(geometry.filter(Tag::hwio), description.weights_desc(), false),
        scratchpad(description.scratchpad_desc()) {
    if (bias) biases = view(description.bias_desc());
  }

  dnnl::convolution_forward primitive;
  memory input, output;
  std::optional<memory> biases;
  BlockedFilter filter;
  memory::desc scratchpad;
};

// Up to this many output channels are one vector. oneDNN's first choice, a convolution by products of small matrices,
// is slower for them than the direct one: with three input channels it takes twice as long.
constexpr int32_t kOneVector = 16;

dnnl::convolution_forward::primitive_desc describeForward(const Geometry& geometry, bool bias, bool relu) {
  const memory::desc biasDesc({geometry.outChannels}, memory::data_type::f32, Tag::x);
  const char* preferred = geometry.outChannels <= kOneVector ? "jit:avx512_core" : nullptr;
  return shim::convolutionForward(geometry.input(), geometry.filter(Tag::any), bias ? &biasDesc : nullptr,
                                  geometry.output(), geometry.padding(), attributesOf(relu), preferred);
}

// convolution(x, filter, bias | null, out, geometry, relu): out = relu?(x * filter + bias)
Napi::Value convolution(Arguments& call) {
  static thread_local runtime::PrimitiveCache<ForwardKey, Forward> cache;
  const Geometry geometry = geometryOf(call, 4);
  const bool relu = call.flag(5);
  const float* x = call.operand<float>(0, geometry.inputSize());
  const float* filter = call.operand<float>(1, geometry.filterSize());
  const float* bias = call.optionalOperand<float>(2, Elements(geometry.outChannels));
  float* out = call.result<float>(3, geometry.outputSize());
  if (geometry.suitsWinograd() && winograd::forward(geometry.winogradShape(), x, filter, bias, relu, out)) return call.undefined();
  Forward& forward = cache.get(ForwardKey{geometry, bias != nullptr, relu}, [&] {
    return Forward(geometry, describeForward(geometry, bias != nullptr, relu), bias != nullptr);
  });
  show(forward.input, x);
  show(forward.output, out);
  std::unordered_map<int, memory> operands{{DNNL_ARG_SRC, forward.input},
                                           {DNNL_ARG_WEIGHTS, forward.filter.enter(filter)},
                                           {DNNL_ARG_DST, forward.output},
                                           {DNNL_ARG_SCRATCHPAD, runtime::scratchpad(forward.scratchpad)}};
  if (forward.biases) {
    show(*forward.biases, bias);
    operands.emplace(DNNL_ARG_BIAS, *forward.biases);
  }
  const SignalGuard guard;
  forward.primitive.execute(runtime::stream(), operands);
  runtime::stream().wait();
  return call.undefined();
}

struct BackwardInput {
  BackwardInput(const Geometry& geometry, const dnnl::convolution_backward_data::primitive_desc& description)
      : primitive(description),
        inputGradient(view(geometry.input())),
        outputGradient(view(geometry.output())),
        filter(geometry.filter(Tag::hwio), description.weights_desc(), false),
        scratchpad(description.scratchpad_desc()) {}

  dnnl::convolution_backward_data primitive;
  memory inputGradient, outputGradient;
  BlockedFilter filter;
  memory::desc scratchpad;
};

// convolutionBackwardInput(dy, filter, dx, geometry)
Napi::Value convolutionBackwardInput(Arguments& call) {
  static thread_local runtime::PrimitiveCache<Geometry, BackwardInput> cache;
  const Geometry geometry = geometryOf(call, 3);
  const float* dy = call.operand<float>(0, geometry.outputSize());
  const float* filter = call.operand<float>(1, geometry.filterSize());
  float* dx = call.result<float>(2, geometry.inputSize());
  if (geometry.suitsWinograd() && winograd::backwardInput(geometry.winogradShape(), dy, filter, dx)) return call.undefined();
  BackwardInput& backward = cache.get(geometry, [&] {
    return BackwardInput(geometry, shim::convolutionBackwardInput(
                                       geometry.input(), geometry.filter(Tag::any), geometry.output(), geometry.padding(),
                                       attributesOf(false), describeForward(geometry, false, false)));
  });
  show(backward.inputGradient, dx);
  show(backward.outputGradient, dy);
  const SignalGuard guard;
  backward.primitive.execute(runtime::stream(),
                             {{DNNL_ARG_DIFF_DST, backward.outputGradient},
                              {DNNL_ARG_WEIGHTS, backward.filter.enter(filter)},
                              {DNNL_ARG_DIFF_SRC, backward.inputGradient},
                              {DNNL_ARG_SCRATCHPAD, runtime::scratchpad(backward.scratchpad)}});
  runtime::stream().wait();
  return call.undefined();
}

struct BackwardFilter {
  BackwardFilter(const Geometry& geometry, const dnnl::convolution_backward_weights::primitive_desc& description)
      : primitive(description),
        input(view(geometry.input())),
        outputGradient(view(geometry.output())),
        filterGradient(geometry.filter(Tag::hwio), description.diff_weights_desc(), true),
        scratchpad(description.scratchpad_desc()) {}

  dnnl::convolution_backward_weights primitive;
  memory input, outputGradient;
  BlockedFilter filterGradient;
  memory::desc scratchpad;
};

// convolutionBackwardFilter(x, dy, dFilter, geometry)
Napi::Value convolutionBackwardFilter(Arguments& call) {
  static thread_local runtime::PrimitiveCache<Geometry, BackwardFilter> cache;
  const Geometry geometry = geometryOf(call, 3);
  const float* x = call.operand<float>(0, geometry.inputSize());
  const float* dy = call.operand<float>(1, geometry.outputSize());
  float* dFilter = call.result<float>(2, geometry.filterSize());
  if (geometry.suitsWinograd() && winograd::backwardFilter(geometry.winogradShape(), x, dy, dFilter)) return call.undefined();
  BackwardFilter& backward = cache.get(geometry, [&] {
    return BackwardFilter(geometry, shim::convolutionBackwardFilter(
                                        geometry.input(), geometry.filter(Tag::any), geometry.output(), geometry.padding(),
                                        attributesOf(false), describeForward(geometry, false, false)));
  });
  show(backward.input, x);
  show(backward.outputGradient, dy);
  const SignalGuard guard;
  backward.primitive.execute(runtime::stream(), {{DNNL_ARG_SRC, backward.input},
                                                 {DNNL_ARG_DIFF_DST, backward.outputGradient},
                                                 {DNNL_ARG_DIFF_WEIGHTS, backward.filterGradient.target(dFilter)},
                                                 {DNNL_ARG_SCRATCHPAD, runtime::scratchpad(backward.scratchpad)}});
  backward.filterGradient.leave();
  runtime::stream().wait();
  return call.undefined();
}

}  // namespace

void exportConvolution(Napi::Env env, Napi::Object exports) {
  exportFunction(env, exports, "convolution", convolution);
  exportFunction(env, exports, "convolutionBackwardInput", convolutionBackwardInput);
  exportFunction(env, exports, "convolutionBackwardFilter", convolutionBackwardFilter);
}

}  // namespace kernels
