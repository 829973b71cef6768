#include "config/diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/lines.h"

namespace outrigger::config {
namespace {

constexpr size_t kLongestQuote = 60;
constexpr size_t kWindow = 110;  // characters of a source line that are shown
constexpr size_t kBeforeCaret = 70;

bool continuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool isControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Never cuts a UTF-8 character in two.
Bytes firstOctets(Bytes text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && continuesCharacter(text[most])) --most;
  return text.substr(0, most);
}

std::string printable(Bytes text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '\t') c = ' ';
    if (isControl(c)) c = '?';
  }
  return out;
}

// The part of a line that is shown, and how many columns stand before the caret.
struct Window {
  std::string text;
  size_t caret;
};

Window windowOf(Bytes line, size_t column) {
  size_t at = std::min(column == 0 ? 0 : column - 1, line.size());
  std::string front, back;
  if (at > kBeforeCaret && line.size() > kWindow) {
    size_t cut = at - kBeforeCaret;
    while (cut < at && continuesCharacter(line[cut])) ++cut;
    line.remove_prefix(cut);
    at -= cut;
    front = "...";
  }
  const Bytes shown = firstOctets(line, kWindow);
  if (shown.size() < line.size()) back = "...";
  const auto characters = std::ranges::count_if(shown.substr(0, at), [](char c) { return !continuesCharacter(c); });
  return {front + printable(shown) + back, front.size() + static_cast<size_t>(characters)};
}

}  // namespace

std::string render(const Diagnostic& diagnostic) {
  std::string out = printable(diagnostic.file) + ":" + std::to_string(diagnostic.place.line) + ":" +
                    std::to_string(diagnostic.place.column) + " " + codeText(diagnostic.code) + " " +
                    diagnostic.message + "\n";
  if (!trimSpace(diagnostic.sourceLine).empty()) {
    const Window window = windowOf(diagnostic.sourceLine, diagnostic.place.column);
    out += "    " + window.text + "\n    " + std::string(window.caret, ' ') + "^\n";
  }
  if (!diagnostic.tryText.empty()) out += "  try: " + diagnostic.tryText + "\n";
  return out;
}

void Diagnostics::report(Code code, Place place, std::string message, std::string tryText) {
  if (severityOf(code) == Severity::Error) hasErrors_ = true;
  if (full()) return;
  const bool known = std::ranges::any_of(
      found_, [&](const Diagnostic& d) { return d.code == code && d.place == place && d.message == message; });
  if (known) return;
  found_.push_back({code, files_[place.file].name, place, std::move(message), std::move(tryText), {}});
}

std::vector<Diagnostic> Diagnostics::take() {
  std::vector<std::tuple<uint32_t, Place, size_t>> order;  // at one place, as they were found
  for (size_t i = 0; i < found_.size(); ++i) order.emplace_back(found_[i].place.file, found_[i].place, i);
  std::ranges::sort(order);
  std::vector<Lines> lines;
  for (const File& file : files_) lines.emplace_back(file.text);
  std::vector<Diagnostic> sorted;
  for (const auto& [file, place, index] : order) {
    const Bytes line = lines[file].line(place.line);
    if (line.find("PRIVATE KEY") == Bytes::npos) found_[index].sourceLine = line;  // one that was pasted stays unseen
    sorted.push_back(std::move(found_[index]));
  }
  return sorted;
}

std::string inQuotes(Bytes text) {
  const Bytes octets = firstOctets(text, kLongestQuote);
  std::string shown = printable(octets);
  std::ranges::replace(shown, '`', '\'');  // else it would seem to end there
  return "`" + shown + (octets.size() < text.size() ? "...`" : "`");
}

}  // namespace outrigger::config
