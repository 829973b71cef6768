// The canonical form of scanned YAML: two spaces for each level, one blank line at most, one space behind `:` and `,`,
// quotes where they are needed, comments where they stood. Line breaks stay. Pure.
#pragma once

#include <string>

#include "config/yaml_scan.h"

namespace outrigger::config {

/// Ends with a newline, unless it is empty.
std::string layOut(const ScannedYaml& yaml);

/// A quoted text as it is written canonically: plain where every reader takes that for the same text, else in double
/// quotes where those need no escape. What holds a colon keeps its quotes: addresses and URLs look alike that way.
std::string canonicalQuotes(Bytes quoted);

}  // namespace outrigger::config
