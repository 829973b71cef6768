// What `outrigger explain OR204` prints.
#pragma once

#include "config/code.h"

namespace outrigger::control::cli {

/// Prints what the code means, with a file that gives it and the same file as it is right. Returns the exit code.
int explainCode(const config::CodeRow& row, bool json);

}  // namespace outrigger::control::cli
