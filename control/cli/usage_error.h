// A command line that cannot be read: what is wrong with it, and what would be right. Pure.
#pragma once

#include <string>
#include <vector>

#include "control/cli/command_tree.h"

namespace outrigger::control::cli {

/// The command that a command line is about: as far down the tree as its words lead. `words`: without the program's
/// name. Of `root`, which must outlive the result.
const Command& commandOf(const Command& root, const std::vector<std::string>& words);

/// The first word that names no verb, where one has to stand; the sentence says which one was probably meant. Empty:
/// there is none.
std::string noSuchVerb(const Command& root, const std::vector<std::string>& words);

/// A sentence for a line that the parser has refused for `why`.
std::string usageError(const Command& root, const std::vector<std::string>& words, const std::string& why);

}  // namespace outrigger::control::cli
