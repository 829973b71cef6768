// Result<T>: a value or an Error. No exceptions in proxy/: they stop where a library throws them.
#pragma once

#include <expected>

#include "proxy/base/error.h"

namespace outrigger {

template <class T>
using Result = std::expected<T, Error>;

}  // namespace outrigger
