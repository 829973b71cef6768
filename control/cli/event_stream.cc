#include "control/cli/event_stream.h"

namespace outrigger::control::cli {
namespace {

constexpr size_t kMostOctets = 1024 * 1024;

}  // namespace

// Lines end with LF or CR LF; a CR alone, which the standard allows too, is sent by none whom we ask.
void EventStream::take(Bytes text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (line_.size() < kMostOctets) line_.append(text.substr(0, end));
    if (end == Bytes::npos) return;
    text.remove_prefix(end + 1);
    Bytes line = line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() < kMostOctets) takeLine(line);
    line_.clear();
  }
}

void EventStream::takeLine(Bytes line) {
  if (line.empty()) {
    if (hasData_) onEvent_(name_.empty() ? Bytes("message") : Bytes(name_), data_);
    name_.clear();
    data_.clear();
    hasData_ = false;
    return;
  }
  const size_t colon = line.find(':');
  const Bytes field = line.substr(0, colon);
  Bytes value = colon == Bytes::npos ? Bytes() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") name_ = value;
  if (field != "data") return;  // a comment, or what we have no use for
  if (hasData_) data_ += '\n';
  data_ += value;
  hasData_ = true;
}

}  // namespace outrigger::control::cli
