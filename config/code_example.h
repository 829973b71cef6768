// For each code a small file that gives it, and the same file as it is right: what `outrigger explain OR204` and
// CODES.md show. Constants, any thread.
#pragma once

#include <span>
#include <string>

#include "config/code.h"

namespace outrigger::config {

struct CodeExample {
  Code code{};
  Bytes wrong;  ///< gives the code, and nothing else is said of it
  Bytes right;  ///< nothing is said of it
  // Of the few files that no text can show well: `standIn`, a part of `wrong`, stands for `times` times `piece`.
  Bytes standIn{};
  Bytes piece{};
  size_t times = 1;
  Bytes standInMeans{};  ///< the same for the reader; one sentence
};

/// nullptr: there is none, which a test rules out.
const CodeExample* exampleOf(Code code);

/// The file itself: `wrong` with what its stand-in stands for.
std::string wrongFile(const CodeExample& example);

/// The tables, by hundreds: OR1xx, OR2xx, OR3xx, each in the order of the codes.
std::span<const CodeExample> syntaxExamples();
std::span<const CodeExample> referenceExamples();
std::span<const CodeExample> riskExamples();

}  // namespace outrigger::config
