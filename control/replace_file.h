// Another content for a file, all at once: whoever reads it meanwhile, or after a loss of power, has the old one or the
// new one, whole.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control {

/// Writes beside the file, to the disk, and renames; blocks until that is done. The file's mode, group and owner stay
/// where the system lets us; a right of the group goes where the group could not stay. A file that is not there yet is
/// made, for its owner alone. Of a symbolic link, what it leads to is replaced. A sentence: it failed, and the file is
/// as it was. Any thread.
std::optional<std::string> replaceFile(const std::string& path, Bytes text);

}  // namespace outrigger::control
