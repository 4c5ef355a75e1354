// Whether any number is infinite or NaN.
#pragma once

#include <cstddef>

namespace finite {

bool all(const float* values, size_t count);

}  // namespace finite
