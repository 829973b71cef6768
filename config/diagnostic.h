// What the loader has to say about a file: each finding with its place, a sentence, and what would be right.
//
// Diagnostics gathers the findings of a config while it is loaded (one thread): of its file, or of the files that are
// laid over one another. It keeps a finding once, however often it is made, and a bounded number of them.
#pragma once

#include <string>
#include <vector>

#include "config/code.h"
#include "config/place.h"

namespace outrigger::config {

struct Diagnostic {
  Code code{};
  std::string file;
  Place place;
  std::string message;     ///< one sentence, without a full stop
  std::string tryText;     ///< what could stand there instead; may be empty
  std::string sourceLine;  ///< the line of the file; empty where there is none, or where a private key stands in it

  Severity severity() const { return severityOf(code); }
};

/// `FILE:LINE:COL CODE message`, the source line with a caret, and a line `try: ...`; each part that is there ends with
/// a newline. Control characters of the file come out as `?`.
std::string render(const Diagnostic& diagnostic);

class Diagnostics {
 public:
  static constexpr size_t kMost = 1000;

  /// `text` outlives the object.
  Diagnostics(std::string fileName, Bytes text) { addFile(std::move(fileName), text); }

  /// A further file, which is read from now on. `text` outlives the object.
  void addFile(std::string name, Bytes text) { files_.push_back({std::move(name), text}); }
  /// The number of the file that is being read: Place::file of all that stands in it.
  uint32_t file() const { return static_cast<uint32_t>(files_.size() - 1); }

  void report(Code code, Place place, std::string message, std::string tryText = {});

  bool hasErrors() const { return hasErrors_; }
  /// Nothing further is kept: not worth looking for proposals.
  bool full() const { return found_.size() >= kMost; }
  /// Of the file that is being read.
  Bytes text() const { return files_.back().text; }

  /// The findings in the order of the files and their places. Ends the object's use.
  std::vector<Diagnostic> take();

 private:
  struct File {
    std::string name;
    Bytes text;
  };

  std::vector<File> files_;  // never empty
  std::vector<Diagnostic> found_;
  bool hasErrors_ = false;
};

/// A piece of the file for a message: in back quotes, shortened, without control characters.
std::string inQuotes(Bytes text);

}  // namespace outrigger::config
