// The one place that knows how oneDNN 2 and 3 differ: version 3 dropped the operation descriptors.
#pragma once

#include <dnnl.hpp>

#include <string>

#include "runtime.h"

namespace shim {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

struct ConvolutionGeometry {
  Dims strides, paddingBegin, paddingEnd;
};

// The first description that `describe` gives, or the implementation whose name begins with `preferred` if there is one.
template <typename Describe>
auto choose(const char* preferred, const Describe& describe) {
  if (preferred != nullptr) {
    auto description = describe();
    do {
      if (std::string(description.impl_info_str()).rfind(preferred, 0) == 0) return description;
    } while (description.next_impl());
  }
  return describe();
}

inline dnnl::convolution_forward::primitive_desc convolutionForward(const Desc& source, const Desc& weights, const Desc* bias,
                                                                    const Desc& destination,
                                                                    const ConvolutionGeometry& geometry,
                                                                    const dnnl::primitive_attr& attributes,
                                                                    const char* preferred) {
  using Description = dnnl::convolution_forward::primitive_desc;
  const auto kind = dnnl::prop_kind::forward_training;
  const auto algorithm = dnnl::algorithm::convolution_auto;
#if DNNL_VERSION_MAJOR >= 3
  return choose(preferred, [&] {
    return bias != nullptr ? Description(runtime::engine(), kind, algorithm, source, weights, *bias, destination,
                                         geometry.strides, geometry.paddingBegin, geometry.paddingEnd, attributes)
                           : Description(runtime::engine(), kind, algorithm, source, weights, destination,
                                         geometry.strides, geometry.paddingBegin, geometry.paddingEnd, attributes);
  });
#else
  using Operation = dnnl::convolution_forward::desc;
  // Going on to the next implementation reads it again, so it outlives the choice.
  const Operation operation =
      bias != nullptr ? Operation(kind, algorithm, source, weights, *bias, destination, geometry.strides,
                                  geometry.paddingBegin, geometry.paddingEnd)
                      : Operation(kind, algorithm, source, weights, destination, geometry.strides, geometry.paddingBegin,
                                  geometry.paddingEnd);
  return choose(preferred, [&] { return Description(operation, attributes, runtime::engine()); });
#endif
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
  const auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
  return {runtime::engine(), algorithm, source, weights, destination, geometry.strides, geometry.paddingBegin,
          geometry.paddingEnd, forward, attributes};
#else
  return {dnnl::convolution_backward_weights::desc(algorithm, source, weights, destination, geometry.strides,
                                                   geometry.paddingBegin, geometry.paddingEnd),
          attributes, runtime::engine(), forward};
#endif
}

inline void appendRelu(dnnl::post_ops& operations) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#else
  operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
#endif
}

}  // namespace shim
