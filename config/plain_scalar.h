// What a plain scalar of a Kubernetes manifest is, as the tools around Kubernetes read it: YAML 1.1's booleans and
// octal numbers beside the core schema of YAML 1.2. (In our own config a plain scalar is a text, and its key tells the
// type.) Pure.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::config {

/// The JSON literal that the plain scalar stands for ("null", "true", "420", "1.5"); nullopt: it is a string.
std::optional<std::string> plainLiteral(Bytes text);

/// Whether a string can be written plain, and comes back as the same string whoever reads it.
bool mayBePlain(Bytes text);

}  // namespace outrigger::config
