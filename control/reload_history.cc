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

// Of a line that begins with "FILE:LINE:COL ".
std::string placeOf(Bytes text) {
  const size_t space = text.find(' ');
  if (space == Bytes::npos) return "";
  Bytes file = text.substr(0, space);
  Bytes line;
  Bytes column;
  if (!takeNumber(file, column) || !takeNumber(file, line) || file.empty()) return "";
  return std::filesystem::path(file).filename().string() + ":" + std::string(line);
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
  std::string first;
  while (!error.empty()) {
    const Bytes line = error.substr(0, error.find('\n'));
    error.remove_prefix(std::min(line.size() + 1, error.size()));
    const std::string place = placeOf(line);
    if (place.empty()) continue;
    if (line.find(" OR3") == Bytes::npos) return place;  // what is above may be warnings
    if (first.empty()) first = place;
  }
  return first;
}

}  // namespace outrigger::control
