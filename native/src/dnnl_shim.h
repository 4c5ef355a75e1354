// The one place that knows how oneDNN 2 and 3 differ: version 3 dropped the operation descriptors.
#pragma once

#include <dnnl.hpp>

#include "runtime.h"

namespace shim {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

struct ConvolutionGeometry {
  Dims strides, paddingBegin, paddingEnd;
};

inline dnnl::convolution_forward::primitive_desc convolutionForward(const Desc& source, const Desc& weights, const Desc* bias,
                                                                    const Desc& destination,
                                                                    const ConvolutionGeometry& geometry,
                                                                    const dnnl::primitive_attr& attributes) {
  const auto kind = dnnl::prop_kind::forward_training;
  const auto algorithm = dnnl::algorithm::convolution_auto;
#if DNNL_VERSION_MAJOR >= 3
  if (bias != nullptr) {
    return {runtime::engine(), kind,        algorithm, source, weights, *bias, destination, geometry.strides,
            geometry.paddingBegin, geometry.paddingEnd, attributes};
  }
  return {runtime::engine(), kind, algorithm, source, weights, destination, geometry.strides,
          geometry.paddingBegin, geometry.paddingEnd, attributes};
#else
  using Operation = dnnl::convolution_forward::desc;
  const Operation operation =
      bias != nullptr ? Operation(kind, algorithm, source, weights, *bias, destination, geometry.strides,
                                  geometry.paddingBegin, geometry.paddingEnd)
                      : Operation(kind, algorithm, source, weights, destination, geometry.strides, geometry.paddingBegin,
                                  geometry.paddingEnd);
  return {operation, attributes, runtime::engine()};
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
