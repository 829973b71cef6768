#include "config/format.h"

#include <algorithm>

#include "config/lines.h"
#include "config/node.h"
#include "config/same_content.h"
#include "config/yaml.h"
#include "config/yaml_layout.h"
#include "config/yaml_scan.h"

namespace outrigger::config {
namespace {

constexpr Bytes kByteOrderMark = "\xEF\xBB\xBF";

// Each line ends with LF.
std::string withLineFeeds(Bytes text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const Lines lines(text);
  std::string out;
  out.reserve(text.size() + 1);
  for (uint32_t number = 1; number <= lines.count(); ++number) {
    const Bytes line = lines.line(number);
    if (number == lines.count() && line.empty()) break;
    out += line;
    out += '\n';
  }
  return out;
}

// The text without what a formatter may change.
std::string substanceOf(Bytes text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return Bytes(" \t\n'\"").find(c) == Bytes::npos; });
  return out;
}

std::vector<Bytes> commentsOf(const ScannedYaml& yaml) {
  std::vector<Bytes> comments;
  for (const YamlLine& line : yaml.lines) {
    if (!line.comment.empty()) comments.push_back(line.comment);
  }
  return comments;
}

bool saysTheSame(const Node& tree, Bytes before, const ScannedYaml& scanned, Bytes after) {
  Diagnostics diagnostics("", after);
  const auto again = readYaml(Source::File, diagnostics);
  if (!again || diagnostics.hasErrors() || !sameContent(tree, *again)) return false;
  if (substanceOf(before) != substanceOf(after)) return false;
  const ScannedYaml rescanned = scanYaml(after);
  return rescanned.refusal.empty() && commentsOf(scanned) == commentsOf(rescanned);
}

}  // namespace

Formatted format(Bytes text, const std::string& fileName) {
  Formatted result;
  Diagnostics diagnostics(fileName, text);
  const auto tree = readYaml(Source::File, diagnostics);
  result.diagnostics = diagnostics.take();
  if (!tree || !result.diagnostics.empty()) return result;
  const std::string lines = withLineFeeds(text);
  const ScannedYaml scanned = scanYaml(lines);
  if (!scanned.refusal.empty()) {
    result.refusal = fileName + ":" + scanned.refusal;
    return result;
  }
  std::string formatted = layOut(scanned);
  if (saysTheSame(*tree, lines, scanned, formatted)) {
    result.text = std::move(formatted);
  } else {
    result.refusal = fileName + ":1: the result would not say the same, so that the file is left as it is";
  }
  return result;
}

}  // namespace outrigger::config
