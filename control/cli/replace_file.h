// Another content for a file, all at once: whoever reads it meanwhile sees the old one or the new one, whole.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::cli {

/// Writes beside the file, and renames. Its mode stays, and its owner where the system lets us; of a symbolic link,
/// what it leads to is replaced. A sentence: it failed, and the file is as it was.
std::optional<std::string> replaceFile(const std::string& path, Bytes text);

}  // namespace outrigger::control::cli
