// Reads the arguments of a call from JavaScript; a wrong type or a short array is an exception, never a wild pointer.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

namespace arguments {

template <typename Element>
inline Element* array(const Napi::Value& value, size_t required, napi_typedarray_type type, const char* kind) {
  napi_typedarray_type actual;
  size_t length = 0;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(value.Env(), value, &actual, &length, &data, nullptr, nullptr);
  if (status != napi_ok || actual != type) throw Napi::TypeError::New(value.Env(), std::string("expected a ") + kind);
  if (length < required) {
    throw Napi::RangeError::New(value.Env(), std::string(kind) + " of " + std::to_string(length) + " elements where " +
                                                 std::to_string(required) + " are needed");
  }
  return static_cast<Element*>(data);
}

inline float* floats(const Napi::CallbackInfo& info, size_t index, size_t required) {
  return array<float>(info[index], required, napi_float32_array, "Float32Array");
}

inline float* optionalFloats(const Napi::CallbackInfo& info, size_t index, size_t required) {
  const Napi::Value value = info[index];
  return value.IsNull() || value.IsUndefined() ? nullptr
                                               : array<float>(value, required, napi_float32_array, "Float32Array");
}

inline double* doubles(const Napi::CallbackInfo& info, size_t index, size_t required) {
  return array<double>(info[index], required, napi_float64_array, "Float64Array");
}

inline const int32_t* integers(const Napi::CallbackInfo& info, size_t index, size_t required) {
  return array<int32_t>(info[index], required, napi_int32_array, "Int32Array");
}

inline double number(const Napi::CallbackInfo& info, size_t index) {
  double value = 0;
  if (napi_get_value_double(info.Env(), info[index], &value) != napi_ok) {
    throw Napi::TypeError::New(info.Env(), "expected a number");
  }
  return value;
}

// A count, an extent or an index.
inline size_t size(const Napi::CallbackInfo& info, size_t index) {
  const double value = number(info, index);
  if (!(value >= 0 && value <= 9007199254740991.0)) throw Napi::RangeError::New(info.Env(), "expected a size");
  return static_cast<size_t>(value);
}

inline bool flag(const Napi::CallbackInfo& info, size_t index) {
  bool value = false;
  if (napi_get_value_bool(info.Env(), info[index], &value) != napi_ok) {
    throw Napi::TypeError::New(info.Env(), "expected a boolean");
  }
  return value;
}

}  // namespace arguments
