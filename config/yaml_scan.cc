#include "config/yaml_scan.h"

#include <algorithm>

namespace outrigger::config {
namespace {

using Kind = YamlToken::Kind;

bool isBlank(char c) {
  return c == ' ' || c == '\t';
}

bool isFlowMark(char c) {
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

size_t indentOf(Bytes line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool isEmptyLine(Bytes line) {
  return line.find_first_not_of(" \t") == Bytes::npos;
}

class Scanner {
 public:
  explicit Scanner(Bytes text) : text_(text) {}

  ScannedYaml take() {
    while (at_ < text_.size() && result_.refusal.empty()) line();
    return std::move(result_);
  }

 private:
  void line();
  void token(YamlLine& line);
  void quoted(YamlLine& line);
  void plain(YamlLine& line);
  void block(YamlLine& line);
  void blockLines(YamlLine& line, size_t least);
  bool isColon(const YamlLine& line) const;
  void refuse(const std::string& why) {
    if (result_.refusal.empty()) result_.refusal = std::to_string(number_) + ": " + why;
  }

  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n'; }
  bool endsWord(char next) const { return isBlank(next) || next == '\n'; }
  size_t column() const { return at_ - lineStart_; }
  void add(YamlLine& line, Kind kind, size_t size) {
    line.tokens.push_back({kind, text_.substr(at_, size), column()});
    at_ += size;
  }
  Bytes lineAt(size_t offset) const { return text_.substr(offset, text_.find('\n', offset) - offset); }

  Bytes text_;
  size_t at_ = 0;
  size_t lineStart_ = 0;
  uint32_t number_ = 1;
  size_t depth_ = 0;  // of brackets
  ScannedYaml result_;
};

void Scanner::line() {
  YamlLine line{.number = number_};
  lineStart_ = at_;
  const Bytes whole = lineAt(at_);
  const bool marker = depth_ == 0 && (whole.starts_with("---") || whole.starts_with("...")) && endsWord(peek(3));
  if (marker) add(line, Kind::Marker, 3);
  while (peek() != '\n' && result_.refusal.empty()) {
    if (isBlank(peek())) {
      ++at_;
    } else if (peek() == '#' && (column() == 0 || isBlank(text_[at_ - 1]))) {
      line.commentColumn = charactersIn(text_.substr(lineStart_, column()));
      line.comment = lineAt(at_);
      at_ += line.comment.size();
      while (isBlank(line.comment.back())) line.comment.remove_suffix(1);
    } else if (marker) {
      return refuse("something stands behind `---`; try: a line of its own for it");
    } else {
      token(line);
    }
  }
  ++at_;
  ++number_;
  if (!line.tokens.empty() && line.tokens.back().kind == Kind::Block) block(line);
  result_.lines.push_back(std::move(line));
}

void Scanner::token(YamlLine& line) {
  const char c = peek();
  if (c == '{' || c == '[') {
    ++depth_;
    return add(line, Kind::Open, 1);
  }
  if (depth_ > 0 && (c == '}' || c == ']')) {
    --depth_;
    return add(line, Kind::Close, 1);
  }
  if (depth_ > 0 && c == ',') return add(line, Kind::Comma, 1);
  if (c == ':' && isColon(line)) {
    if (line.tokens.empty()) return refuse("a line begins with `:`; try: the key before it");
    return add(line, Kind::Colon, 1);
  }
  if (c == '?' && endsWord(peek(1))) return refuse("a key begins with `? `; try: `key: value`");
  const bool first = std::ranges::all_of(line.tokens, [](const YamlToken& t) { return t.kind == Kind::Dash; });
  if (c == '-' && depth_ == 0 && first && endsWord(peek(1))) return add(line, Kind::Dash, 1);
  if (c == '"' || c == '\'') return quoted(line);
  if (depth_ == 0 && (c == '|' || c == '>')) {
    return add(line, Kind::Block, std::min(lineAt(at_).find_first_of(" \t"), lineAt(at_).size()));
  }
  plain(line);
}

// Behind a quoted key or a bracket, within brackets, no blank is needed.
bool Scanner::isColon(const YamlLine& line) const {
  if (endsWord(peek(1))) return true;
  if (depth_ == 0) return false;
  if (isFlowMark(peek(1))) return true;
  if (line.tokens.empty()) return false;
  const YamlToken& before = line.tokens.back();
  return (before.kind == Kind::Quoted || before.kind == Kind::Close) &&
         before.text.end() == text_.begin() + static_cast<ptrdiff_t>(at_);
}

void Scanner::quoted(YamlLine& line) {
  const char quote = peek();
  size_t end = at_ + 1;
  while (end < text_.size()) {
    const bool twice = quote == '\'' && text_.substr(end, 2) == "''";
    if (text_[end] == quote && !twice) break;
    end += twice || (quote == '"' && text_[end] == '\\') ? 2 : 1;
  }
  if (end >= text_.size()) return refuse("the closing quote is missing");
  const Bytes text = text_.substr(at_, end + 1 - at_);
  add(line, Kind::Quoted, text.size());
  const auto breaks = static_cast<size_t>(std::ranges::count(text, '\n'));
  if (breaks == 0) return;
  number_ += static_cast<uint32_t>(breaks);
  lineStart_ = at_ - (text.size() - text.rfind('\n') - 1);
}

void Scanner::plain(YamlLine& line) {
  size_t size = 0;
  for (; peek(size) != '\n'; ++size) {
    const char c = peek(size);
    if (c == '#' && size > 0 && isBlank(peek(size - 1))) break;
    if (depth_ > 0 && isFlowMark(c)) break;
    if (c == ':' && (endsWord(peek(size + 1)) || (depth_ > 0 && isFlowMark(peek(size + 1))))) break;
  }
  while (size > 1 && isBlank(peek(size - 1))) --size;
  if (size == 0) return refuse("the character " + std::string(1, peek()) + " is not expected here");
  add(line, Kind::Plain, size);
}

// The text of `|` and `>`: lines that are indented more than what it belongs to.
void Scanner::block(YamlLine& line) {
  const auto& tokens = line.tokens;
  const auto dash = std::ranges::find_if(tokens, [](const YamlToken& t) { return t.kind == Kind::Dash; });
  const auto refuseHere = [&](const char* why) { result_.refusal = std::to_string(line.number) + ": " + why; };
  if (tokens.size() < 2) return refuseHere("a block text begins in a line of its own; try: the line of its key");
  const bool keyed = tokens[tokens.size() - 2].kind == Kind::Colon;
  if (keyed && tokens.size() < 3) return refuseHere("a block text has no key; try: `key: |`");
  const size_t parent = keyed ? tokens[tokens.size() - 3].column : tokens[tokens.size() - 2].column;
  if (!keyed && dash == tokens.end()) return refuseHere("a block text has no key; try: `key: |`");
  const Bytes header = tokens.back().text;
  const auto digit = std::ranges::find_if(header, [](char c) { return c >= '1' && c <= '9'; });
  if (digit != header.end()) {
    line.blockIndent = parent + static_cast<size_t>(*digit - '0');
  }
  blockLines(line, parent + 1);
  if (header.find('+') != Bytes::npos) return;
  while (!line.block.empty() && isEmptyLine(line.block.back())) {  // blank lines like any others
    at_ = static_cast<size_t>(line.block.back().begin() - text_.begin());
    --number_;
    line.block.pop_back();
  }
}

void Scanner::blockLines(YamlLine& line, size_t least) {
  while (at_ < text_.size()) {
    const Bytes next = lineAt(at_);
    if (!isEmptyLine(next)) {
      if (line.blockIndent == 0) line.blockIndent = std::max(least, indentOf(next));
      if (indentOf(next) < line.blockIndent) return;
    }
    line.block.push_back(next);
    at_ += next.size() + 1;
    ++number_;
  }
}

}  // namespace

ScannedYaml scanYaml(Bytes text) {
  return Scanner(text).take();
}

size_t charactersIn(Bytes text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

}  // namespace outrigger::config
