#include "config/yaml_layout.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "config/plain_scalar.h"

namespace outrigger::config {
namespace {

using Kind = YamlToken::Kind;

constexpr size_t kStep = 2;

// A list or map of lines: where its items stood, and where they stand now.
struct Level {
  size_t was;
  size_t is;
  bool list;
};

// A bracket that is open: where lines begin that stand in it, and the line that closes it.
struct Bracket {
  size_t inside;
  size_t end;
};

// A line that is done, but for the place of its comment.
struct Piece {
  std::string text;
  Bytes comment{};
  size_t commentWas = 0;   ///< its column, in characters
  bool continues = false;  ///< a comment alone, which goes on with that of the line before
};

Bytes gapBetween(Kind before, Kind now) {
  if (now == Kind::Colon) return "";
  if (before == Kind::Dash || before == Kind::Colon) return " ";
  return before == Kind::Open || now == Kind::Close || now == Kind::Comma ? "" : " ";
}

class Layout {
 public:
  std::string take(const ScannedYaml& yaml) {
    for (const YamlLine& line : yaml.lines) {
      if (line.tokens.empty()) {
        waiting_.push_back(&line);
      } else {
        content(line);
      }
    }
    while (!waiting_.empty() && waiting_.back()->blank()) waiting_.pop_back();
    flush(std::exchange(levels_, {}), pieces_.size());
    return withComments();
  }

 private:
  void content(const YamlLine& line);
  size_t blockLine(const YamlLine& line);
  size_t flowLine(const YamlLine& line) const;
  size_t place(size_t column, bool list);
  std::string joined(const YamlLine& line, size_t base);
  void blockText(const YamlLine& line);
  void flush(const std::vector<Level>& before, size_t at);
  Piece ownComment(const YamlLine& line, const std::vector<Level>& before, const Piece* last) const;
  std::string withComments() const;
  bool inBlock() const { return !levels_.empty(); }
  size_t inner() const { return inBlock() ? levels_.back().is : 0; }

  std::vector<Level> levels_;
  std::vector<Bracket> brackets_;         // that are open
  std::vector<const YamlLine*> waiting_;  // blank lines and comments, until what follows is known
  std::vector<Piece> pieces_;
  size_t indent_ = 0;  // of the line that is done
};

void Layout::content(const YamlLine& line) {
  const std::vector<Level> before = levels_;
  const size_t at = pieces_.size();
  if (brackets_.empty()) {
    indent_ = blockLine(line);
    flush(before, at);
  } else {
    flush(before, at);
    indent_ = flowLine(line);
  }
  const size_t base = std::max(indent_, brackets_.empty() ? inner() : indent_);
  const std::string text = joined(line, base);
  pieces_.push_back({std::string(indent_, ' ') + text, line.comment, line.commentColumn});
  blockText(line);
}

// The new indentation of a line outside of brackets.
size_t Layout::blockLine(const YamlLine& line) {
  if (line.tokens.front().kind == Kind::Marker) {
    levels_.clear();
    return 0;
  }
  std::optional<size_t> indent;
  size_t i = 0;
  for (; i < line.tokens.size() && line.tokens[i].kind == Kind::Dash; ++i) {
    const size_t is = place(line.tokens[i].column, true);
    indent = indent.value_or(is);
  }
  const bool keyed = i + 1 < line.tokens.size() && line.tokens[i + 1].kind == Kind::Colon;
  if (keyed) {
    const size_t is = place(line.tokens[i].column, false);
    indent = indent.value_or(is);
  }
  return indent.value_or(inBlock() ? inner() + kStep : 0);
}

size_t Layout::flowLine(const YamlLine& line) const {
  size_t closed = 0;
  while (closed < line.tokens.size() && line.tokens[closed].kind == Kind::Close) ++closed;
  closed = std::min(closed, brackets_.size());
  return closed > 0 ? brackets_[brackets_.size() - closed].end : brackets_.back().inside;
}

// The new column of an item that stood at `column`. A list may stand at the column of its key.
size_t Layout::place(size_t column, bool list) {
  while (!levels_.empty() && levels_.back().was > column) levels_.pop_back();
  const auto here = [&] { return !levels_.empty() && levels_.back().was == column; };
  if (here() && levels_.back().list && !list) levels_.pop_back();
  if (here() && levels_.back().list == list) return levels_.back().is;
  levels_.push_back({column, inBlock() ? inner() + kStep : 0, list});
  return levels_.back().is;
}

// The lines of a quoted text, of which each but the first begins anew; blanks at their ends mean nothing there.
std::string indentedAnew(Bytes quoted, size_t indent) {
  std::string out;
  while (true) {
    const size_t end = quoted.find('\n');
    Bytes line = quoted.substr(0, end);
    if (!out.empty()) line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (end != Bytes::npos) {
      const size_t last = line.find_last_not_of(" \t");
      const bool escaped = last != Bytes::npos && line[last] == '\\';
      if (!escaped) line = line.substr(0, last == Bytes::npos ? 0 : last + 1);
    }
    if (!out.empty() && !line.empty()) out.append(indent, ' ');
    out += line;
    if (end == Bytes::npos) return out;
    out += '\n';
    quoted.remove_prefix(end + 1);
  }
}

// The marks and values of a line with canonical gaps. Keeps count of the brackets.
std::string Layout::joined(const YamlLine& line, size_t base) {
  std::string out;
  for (size_t i = 0; i < line.tokens.size(); ++i) {
    const YamlToken& token = line.tokens[i];
    if (i > 0) out += gapBetween(line.tokens[i - 1].kind, token.kind);
    // YAML wants every line in brackets to stand deeper than the key that they belong to.
    if (token.kind == Kind::Open) brackets_.push_back({base + kStep, std::max(base, inBlock() ? inner() + kStep : 0)});
    if (token.kind == Kind::Close && !brackets_.empty()) brackets_.pop_back();
    if (token.kind != Kind::Quoted) {
      out += token.text;
    } else if (token.text.find('\n') != Bytes::npos) {
      out += indentedAnew(token.text, base + kStep);
    } else {
      out += canonicalQuotes(token.text);
    }
  }
  return out;
}

void Layout::blockText(const YamlLine& line) {
  if (line.block.empty()) return;
  const Bytes header = line.tokens.back().text;
  const auto digit = std::ranges::find_if(header, [](char c) { return c >= '1' && c <= '9'; });
  const size_t step = digit == header.end() ? kStep : static_cast<size_t>(*digit - '0');
  for (const Bytes text : line.block) {
    const bool inside = text.size() > line.blockIndent;
    pieces_.push_back({inside ? std::string(inner() + step, ' ') + std::string(text.substr(line.blockIndent)) : ""});
  }
}

// ---- Comments and blank lines

// Puts what waits behind the piece `at`, now that the levels after it are known.
void Layout::flush(const std::vector<Level>& before, size_t at) {
  for (size_t i = 0; i < waiting_.size(); ++i) {
    const YamlLine& line = *waiting_[i];
    const bool blankBefore = pieces_.empty() || (i > 0 && waiting_[i - 1]->blank());
    if (line.blank()) {
      if (!blankBefore) pieces_.push_back({""});
      continue;
    }
    const bool follows = i > 0 ? !waiting_[i - 1]->blank() : at > 0;
    pieces_.push_back(ownComment(line, before, follows ? &pieces_.back() : nullptr));
  }
  waiting_.clear();
}

// A comment in a line of its own stands where the items stand that it stood with; else with the line behind it.
Piece Layout::ownComment(const YamlLine& line, const std::vector<Level>& before, const Piece* last) const {
  const bool beside = last != nullptr && !last->comment.empty() && (last->continues || !last->text.empty());
  if (beside && last->commentWas == line.commentColumn) return {"", line.comment, line.commentColumn, true};
  const auto alone = [&](size_t column) { return Piece{std::string(column, ' ') + std::string(line.comment)}; };
  if (!brackets_.empty()) return alone(brackets_.back().inside);
  const auto next = std::ranges::find(levels_.rbegin(), levels_.rend(), line.commentColumn, &Level::was);
  if (next != levels_.rend()) return alone(next->is);
  const auto ended = std::ranges::find(before, line.commentColumn, &Level::was);
  if (ended != before.end()) return alone(ended->is);
  return alone(indent_);
}

// Comments that stood below one another, anywhere in the file, go on doing so; others stand two spaces behind.
std::string Layout::withComments() const {
  struct Column {
    size_t count = 0;
    size_t needed = 0;
  };
  const auto widthOf = [](const Piece& piece) {
    return charactersIn(Bytes(piece.text).substr(piece.text.rfind('\n') + 1));
  };
  std::map<size_t, Column> columns;
  for (const Piece& piece : pieces_) {
    if (piece.comment.empty()) continue;
    Column& column = columns[piece.commentWas];
    ++column.count;
    if (!piece.continues) column.needed = std::max(column.needed, widthOf(piece) + kStep);
  }
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.text;
    if (!piece.comment.empty()) {
      const Column& column = columns[piece.commentWas];
      const size_t at = column.count > 1 ? std::max(column.needed, piece.commentWas) : column.needed;
      out.append(at - widthOf(piece), ' ');
      out += piece.comment;
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string canonicalQuotes(Bytes quoted) {
  const bool isSingle = quoted.front() == '\'';
  Bytes inside = quoted.substr(1, quoted.size() - 2);
  std::string text;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && !isSingle) return std::string(quoted);
    text += inside[i];
    if (isSingle && inside[i] == '\'') ++i;
  }
  if (mayBePlain(text) && text.find_first_of(":,") == std::string::npos) return text;
  if (text.find_first_of("\"\\") != std::string::npos) return std::string(quoted);
  return "\"" + text + "\"";
}

std::string layOut(const ScannedYaml& yaml) {
  return Layout().take(yaml);
}

}  // namespace outrigger::config
