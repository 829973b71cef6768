// The files of config/examples, read from the source tree.
#pragma once

#include <map>
#include <string>

namespace outrigger::config {

/// Name to text; empty if the folder was not found.
std::map<std::string, std::string> exampleFiles();

}  // namespace outrigger::config
