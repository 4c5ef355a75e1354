// The one place that knows how oneDNN 2 and 3 differ, and which of their faults have to be avoided: version 3 dropped the
// operation descriptors.
#pragma once

#include <dnnl.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime.h"

namespace shim {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

// For 32-bit numbers, with AVX-512.
constexpr int kWidestVector = 16;

inline Dims dimensions(const Desc& description) {
#if DNNL_VERSION_MAJOR >= 3
  return description.get_dims();
#else
  return description.dims();
#endif
}

// Where the output channels, input channels, rows and columns of a filter lie in a layout: a number's place is the sum of its four.
using FilterPlaces = std::array<std::vector<size_t>, 4>;

// The places in a layout to which oneDNN's own reorder cannot be trusted to bring a filter. Where a number of channels is no
// multiple of the block, version 3.7.2 puts numbers in the wrong places, silently, as for 40 input channels in blocks of 32.
inline std::optional<FilterPlaces> placesToFillByHand([[maybe_unused]] const Desc& layout) {
#if DNNL_VERSION_MAJOR >= 3
  const Dims sizes = layout.get_dims(), strides = layout.get_strides();
  if (layout.get_padded_dims() == sizes) return std::nullopt;
  const Dims blocks = layout.get_inner_blks(), blocked = layout.get_inner_idxs();
  FilterPlaces places;
  for (size_t dimension = 0; dimension < places.size(); ++dimension) {
    for (int64_t index = 0; index < sizes[dimension]; ++index) {
      int64_t place = 0, rest = index, inner = 1;
      for (size_t block = blocks.size(); block-- > 0; inner *= blocks[block]) {
        if (blocked[block] != static_cast<int64_t>(dimension)) continue;
        place += rest % blocks[block] * inner;
        rest /= blocks[block];
      }
      places[dimension].push_back(place + rest * strides[dimension]);
    }
  }
  return places;
#else
  return std::nullopt;
#endif
}

struct ConvolutionGeometry {
  Dims strides, paddingBegin, paddingEnd;
};

template <typename Description>
bool isNamed(const Description& description, const char* beginning) {
  return std::string(description.impl_info_str()).rfind(beginning, 0) == 0;
}

// The first suitable implementation of what `describe` gives, or the very first if none is.
template <typename Describe, typename Suits>
auto choose(const Describe& describe, const Suits& suits) {
  auto description = describe();
  do {
    if (suits(description)) return description;
  } while (description.next_impl());
  return describe();
}

inline dnnl::convolution_forward::primitive_desc convolutionForward(const Desc& source, const Desc& weights, const Desc* bias,
                                                                    const Desc& destination,
                                                                    const ConvolutionGeometry& geometry,
                                                                    const dnnl::primitive_attr& attributes,
                                                                    const char* preferred) {
  using Description = dnnl::convolution_forward::primitive_desc;
  const auto kind = dnnl::prop_kind::forward_training;
  // `auto` may be oneDNN's own Winograd filtering: there a NaN or infinity reaches further than the filter does.
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const auto suits = [&](const Description& it) { return preferred == nullptr || isNamed(it, preferred); };
#if DNNL_VERSION_MAJOR >= 3
  const auto describe = [&] {
    return bias != nullptr ? Description(runtime::engine(), kind, algorithm, source, weights, *bias, destination,
                                         geometry.strides, geometry.paddingBegin, geometry.paddingEnd, attributes)
                           : Description(runtime::engine(), kind, algorithm, source, weights, destination,
                                         geometry.strides, geometry.paddingBegin, geometry.paddingEnd, attributes);
  };
#else
  using Operation = dnnl::convolution_forward::desc;
  // Going on to the next implementation reads it again, so it outlives the choice.
  const Operation operation =
      bias != nullptr ? Operation(kind, algorithm, source, weights, *bias, destination, geometry.strides,
                                  geometry.paddingBegin, geometry.paddingEnd)
                      : Operation(kind, algorithm, source, weights, destination, geometry.strides, geometry.paddingBegin,
                                  geometry.paddingEnd);
  const auto describe = [&] { return Description(operation, attributes, runtime::engine()); };
#endif
  return choose(describe, suits);
}

inline dnnl::convolution_backward_data::primitive_desc convolutionBackwardInput(
    const Desc& source, const Desc& weights, const Desc& destination, const ConvolutionGeometry& geometry,
    const dnnl::primitive_attr& attributes, const dnnl::convolution_forward::primitive_desc& forward) {
  const auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return {runtime::engine(), algorithm, source, weights, destination, geometry.strides, geometry.paddingBegin,
          geometry.paddingEnd, forward, attributes};
#else
  return {dnnl::convolution_backward_data::desc(algorithm, source, weights, destination, geometry.strides,
                                                geometry.paddingBegin, geometry.paddingEnd),
          attributes, runtime::engine(), forward};
#endif
}

inline dnnl::convolution_backward_weights::primitive_desc convolutionBackwardFilter(
    const Desc& source, const Desc& weights, const Desc& destination, const ConvolutionGeometry& geometry,
    const dnnl::primitive_attr& attributes, const dnnl::convolution_forward::primitive_desc& forward) {
  using Description = dnnl::convolution_backward_weights::primitive_desc;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  // The one for filters of one pixel first copies the pixels that a stride reaches, each into whole vectors. Where a pixel's input
  // channels do not fill one, it writes beyond the end of the scratchpad that it asked for: 2.6.3 on AVX2, 3.7.2 on AVX-512 too.
  const auto suits = [&](const Description& it) {
    const bool strided = geometry.strides != Dims{1, 1};
    return !strided || dimensions(source)[1] >= kWidestVector || !isNamed(it, "jit_1x1");
  };
#if DNNL_VERSION_MAJOR >= 3
  const auto describe = [&] {
    return Description(runtime::engine(), algorithm, source, weights, destination, geometry.strides, geometry.paddingBegin,
                       geometry.paddingEnd, forward, attributes);
  };
#else
  const dnnl::convolution_backward_weights::desc operation(algorithm, source, weights, destination, geometry.strides,
                                                           geometry.paddingBegin, geometry.paddingEnd);
  const auto describe = [&] { return Description(operation, attributes, runtime::engine(), forward); };
#endif
  return choose(describe, suits);
}

inline void appendRelu(dnnl::post_ops& operations) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#else
  operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#endif
}

}  // namespace shim
