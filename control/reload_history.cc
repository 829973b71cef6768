#include "control/reload_history.h"

#include <algorithm>
#include <filesystem>

namespace outrigger::control {
namespace {

// Takes ":123" off the end; false: there is none.
bool takeNumber(Bytes& text, Bytes& number) {
  const size_t colon = text.rfind(':');
  if (colon == Bytes::npos || colon + 1 == text.size()) return false;
  number = text.substr(colon + 1);
  if (!std::ranges::all_of(number, isDigit)) return false;
  text = text.substr(0, colon);
  return true;
}

}  // namespace

void ReloadHistory::add(ReloadRecord record) {
  if (record.changes.size() > kMostChanges) {
    record.changesLeftOut = record.changes.size() - kMostChanges;
    record.changes.resize(kMostChanges);
  }
  records_.push_back(std::move(record));
  if (records_.size() > kMost) records_.pop_front();
  ++added_;
}

std::string errorPlace(Bytes error) {
  Bytes file = error.substr(0, error.find('\n'));
  Bytes line;
  Bytes column;
  const size_t space = file.find(' ');
  file = file.substr(0, space);
  if (!takeNumber(file, column) || !takeNumber(file, line) || file.empty()) return "";
  return std::filesystem::path(file).filename().string() + ":" + std::string(line);
}

}  // namespace outrigger::control
