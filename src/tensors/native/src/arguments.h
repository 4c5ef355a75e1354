// Reads the arguments of a call from JavaScript. Every argument of a kernel passes through here. Kinds, ranges, lengths and
// overlaps are checked in this one place. A violation is an exception, never a wild pointer.
#pragma once

#include <napi.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace arguments {

// An error in an argument; becomes a RangeError or a TypeError of JavaScript.
struct OutOfRange : std::range_error {
  using std::range_error::range_error;
};
struct WrongType : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// The number of elements that an array must have. It can only be made from values whose overflow would be detected.
class Elements {
 public:
  explicit constexpr Elements(size_t count) : count_(count) {}
  constexpr size_t count() const { return count_; }

 private:
  size_t count_;
};

[[noreturn]] inline void refuseOverflow() { throw OutOfRange("the extents are those of more elements than an array can have"); }

template <typename... Factor>
Elements product(Factor... factors) {
  size_t total = 1;
  for (const size_t factor : {static_cast<size_t>(factors)...}) {
    if (__builtin_mul_overflow(total, factor, &total)) refuseOverflow();
  }
  return Elements(total);
}

template <typename... Term>
Elements sum(Term... terms) {
  size_t total = 0;
  for (const size_t term : {static_cast<size_t>(terms)...}) {
    if (__builtin_add_overflow(total, term, &total)) refuseOverflow();
  }
  return Elements(total);
}

// The number of elements that an array must have to be read or written with these strides, from its first element on.
template <size_t kAxes>
Elements reach(const std::array<size_t, kAxes>& extents, const std::array<size_t, kAxes>& strides) {
  size_t last = 0;
  for (size_t axis = 0; axis < kAxes; ++axis) {
    if (extents[axis] == 0) return Elements(0);
    last = sum(last, product(extents[axis] - 1, strides[axis]).count()).count();
  }
  return sum(last, 1);
}

template <typename Element>
struct Kind;
template <>
struct Kind<float> {
  static constexpr napi_typedarray_type type = napi_float32_array;
  static constexpr const char* name = "Float32Array";
};
template <>
struct Kind<double> {
  static constexpr napi_typedarray_type type = napi_float64_array;
  static constexpr const char* name = "Float64Array";
};
template <>
struct Kind<int32_t> {
  static constexpr napi_typedarray_type type = napi_int32_array;
  static constexpr const char* name = "Int32Array";
};
template <>
struct Kind<uint32_t> {
  static constexpr napi_typedarray_type type = napi_uint32_array;
  static constexpr const char* name = "Uint32Array";
};
template <>
struct Kind<uint8_t> {
  static constexpr napi_typedarray_type type = napi_uint8_array;
  static constexpr const char* name = "Uint8Array";
};

// The arguments of one call. Arrays that are written may not overlap any other.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) { ranges_.reserve(16); }

  Napi::Env env() const { return info_.Env(); }
  Napi::Value undefined() const { return info_.Env().Undefined(); }

  double number(size_t index) const {
    double value = 0;
    if (napi_get_value_double(info_.Env(), info_[index], &value) != napi_ok) throw WrongType(placeOf(index) + "is not a number");
    return value;
  }

  // A count, an extent or an index.
  size_t size(size_t index) const {
    const double value = number(index);
    if (!(value >= 0 && value <= kLargestSize) || value != static_cast<double>(static_cast<size_t>(value))) {
      throw OutOfRange(placeOf(index) + "is not a whole number from 0 to 2^53 - 1");
    }
    return static_cast<size_t>(value);
  }

  bool flag(size_t index) const {
    bool value = false;
    if (napi_get_value_bool(info_.Env(), info_[index], &value) != napi_ok) throw WrongType(placeOf(index) + "is not a boolean");
    return value;
  }

  // Whole numbers, as a copy: they are used as they were when they were checked.
  template <size_t kCount>
  std::array<int32_t, kCount> integers(size_t index) {
    std::array<int32_t, kCount> values;
    const int32_t* array = operand<int32_t>(index, Elements(kCount));
    std::copy_n(array, kCount, values.begin());
    return values;
  }

  // The same for extents, strides and offsets, none of which can be negative.
  template <size_t kCount>
  std::array<size_t, kCount> sizes(size_t index) {
    std::array<size_t, kCount> sizes;
    const std::array<int32_t, kCount> values = integers<kCount>(index);
    for (size_t i = 0; i < kCount; ++i) {
      if (values[i] < 0) throw OutOfRange(placeOf(index) + "has a negative element");
      sizes[i] = static_cast<size_t>(values[i]);
    }
    return sizes;
  }

  bool isMissing(size_t index) const { return info_[index].IsNull() || info_[index].IsUndefined(); }

  template <typename Element>
  bool holds(size_t index) const {
    napi_typedarray_type type;
    return napi_get_typedarray_info(info_.Env(), info_[index], &type, nullptr, nullptr, nullptr, nullptr) == napi_ok &&
           type == Kind<Element>::type;
  }

  // The length of an array that is one of this kind.
  template <typename Element>
  size_t lengthOf(size_t index) const {
    return describe<Element>(info_[index], index).length;
  }

  // The memory of an array of this kind.
  template <typename Element>
  Napi::ArrayBuffer bufferOf(size_t index) const {
    describe<Element>(info_[index], index);
    return info_[index].As<Napi::TypedArray>().ArrayBuffer();
  }

  // An array that is read.
  template <typename Element>
  const Element* operand(size_t index, Elements required) {
    return read<Element>(info_[index], index, required);
  }

  // Null where the argument is null or left out.
  template <typename Element>
  const Element* optionalOperand(size_t index, Elements required) {
    return isMissing(index) ? nullptr : operand<Element>(index, required);
  }

  // An array that is written, or read and written. It may be `same`, an operand that is read element by element with it.
  template <typename Element>
  Element* result(size_t index, Elements required, const void* same = nullptr) {
    const Described array = describe<Element>(info_[index], index, required);
    const Range range = rangeOf<Element>(array.data, required, true);
    for (const Range& other : ranges_) {
      if (range.overlaps(other) && other.begin != same) refuseOverlap(index);
    }
    ranges_.push_back(range);
    return static_cast<Element*>(array.data);
  }

  // The elements of a JavaScript array. Reading them may run JavaScript, which may detach what was read before: this comes first.
  std::vector<Napi::Value> list(size_t index, size_t most) const {
    if (!ranges_.empty()) throw std::logic_error("a list is read before all arrays");
    if (!info_[index].IsArray()) throw WrongType(placeOf(index) + "is not an array");
    const Napi::Array array = info_[index].As<Napi::Array>();
    const size_t length = array.Length();
    if (length > most) throw OutOfRange(placeOf(index) + "has more than " + std::to_string(most) + " elements");
    std::vector<Napi::Value> values;
    values.reserve(length);
    for (size_t i = 0; i < length; ++i) values.push_back(array.Get(static_cast<uint32_t>(i)));
    return values;
  }

  template <typename Element>
  const Element* operandOf(const Napi::Value& value, size_t index, Elements required) {
    return read<Element>(value, index, required);
  }

  // "argument 2 "
  std::string placeOf(size_t index) const { return "argument " + std::to_string(index + 1) + " "; }

 private:
  static constexpr double kLargestSize = 9007199254740991.0;

  struct Described {
    void* data;
    size_t length;
  };

  struct Range {
    const char* begin;
    const char* end;
    bool written;

    bool overlaps(const Range& other) const { return begin < other.end && other.begin < end; }
  };

  const Napi::CallbackInfo& info_;
  std::vector<Range> ranges_;

  template <typename Element>
  Described describe(const Napi::Value& value, size_t index, Elements required = Elements(0)) const {
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    napi_value buffer = nullptr;
    const napi_env env = info_.Env();
    const napi_status status = napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr);
    if (status != napi_ok || type != Kind<Element>::type) throw WrongType(placeOf(index) + "is not a " + Kind<Element>::name);
    // Another thread could change an index after its check.
    bool ownMemory = false;
    if (napi_is_arraybuffer(env, buffer, &ownMemory) != napi_ok || !ownMemory) throw WrongType(placeOf(index) + "lies in shared memory");
    if (length < required.count() || (data == nullptr && required.count() > 0)) {
      throw OutOfRange(placeOf(index) + "is a " + Kind<Element>::name + " of " + std::to_string(length) + " elements where " +
                       std::to_string(required.count()) + " are needed");
    }
    return {data, length};
  }

  [[noreturn]] void refuseOverlap(size_t index) const {
    throw OutOfRange(placeOf(index) + "overlaps another array of the call");
  }

  template <typename Element>
  static Range rangeOf(const void* data, Elements required, bool written) {
    const char* begin = static_cast<const char*>(data);
    return {begin, begin + required.count() * sizeof(Element), written};
  }

  template <typename Element>
  const Element* read(const Napi::Value& value, size_t index, Elements required) {
    const Described array = describe<Element>(value, index, required);
    const Range range = rangeOf<Element>(array.data, required, false);
    for (const Range& other : ranges_) {
      if (other.written && range.overlaps(other)) refuseOverlap(index);
    }
    ranges_.push_back(range);
    return static_cast<const Element*>(array.data);
  }
};

}  // namespace arguments
