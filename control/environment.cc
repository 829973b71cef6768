#include "control/environment.h"

#include <cstdlib>

namespace outrigger::control {

std::optional<std::string> fromEnvironment(Bytes name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace outrigger::control
