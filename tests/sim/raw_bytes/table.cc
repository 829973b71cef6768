#include "tests/sim/raw_bytes/table.h"

#include <cctype>
#include <fstream>
#include <regex>
#include <stdexcept>

namespace outrigger::sim::raw_bytes {
namespace {

constexpr const char* kLineEnd = "↵";
constexpr const char* kHole = "…";

// What the sidecar adds to each request, in the order in which it stands on the wire.
constexpr const char* kOurs = "x-request-id: *↵traceparent: *↵via: 1.1 outrigger↵outrigger-timeout-ms: *↵";

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void replaceAll(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::vector<std::string> columnsOf(const std::string& line) {
  std::vector<std::string> columns;
  size_t begin = 0;
  for (size_t bar = line.find('|'); bar != std::string::npos; bar = line.find('|', begin)) {
    columns.push_back(trimmed(line.substr(begin, bar - begin)));
    begin = bar + 1;
  }
  columns.push_back(trimmed(line.substr(begin)));
  return columns;
}

// `{100×A: b↵}`
void repeat(std::string& text) {
  static const std::regex pattern("\\{(\\d+)×([^}]*)\\}");
  std::smatch match;
  while (std::regex_search(text, match, pattern)) {
    std::string many;
    for (int i = std::stoi(match[1]); i > 0; --i) many += match[2];
    text = match.prefix().str() + many + match.suffix().str();
  }
}

char escaped(const std::string& text, size_t& at) {
  switch (text[++at]) {
    case 'r': return '\r';
    case 'n': return '\n';
    case 't': return '\t';
    case '0': return '\0';
    case 's': return ' ';
    case 'p': return '|';
    case '\\': return '\\';
    case 'x': at += 2; return static_cast<char>(std::stoi(text.substr(at - 1, 2), nullptr, 16));
    default: throw std::runtime_error("an escape that the table does not have: " + text.substr(at - 1));
  }
}

bool takeSuffix(std::string& text, const std::string& suffix) {
  if (!text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

Sent sentOf(std::string notation) {
  Sent sent;
  if (takeSuffix(notation, "{fin}")) sent.end = Sent::End::Fin;
  if (takeSuffix(notation, "{reset}")) sent.end = Sent::End::Reset;
  sent.octets = octetsOf(notation);
  return sent;
}

std::string wordOf(const std::string& text) {
  std::string word;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += c;
    } else if (!word.empty() && word.back() != '_') {
      word += '_';
    }
  }
  while (word.ends_with('_')) word.pop_back();
  return word;
}

/// Goes through the lines; what `@` lines say counts until the next group.
class Reader {
 public:
  void take(const std::string& line, int number) {
    if (line.empty() || line.starts_with('#')) return;
    if (line.starts_with("== ")) return beginGroup(line.substr(3));
    if (line.starts_with('@')) return define(line.substr(1));
    if (line.starts_with("  ")) {
      if (rows_.empty()) throw std::runtime_error("nothing to go on with");
      text_ += trimmed(line);
      return fill();
    }
    rows_.push_back(Row{});
    rows_.back().line = number;
    text_ = line;
    fill();
  }

  std::vector<Row> rows() && { return std::move(rows_); }

 private:
  struct Group {
    Row::Side side = Row::Side::Request;
    std::string name, config, each = kHole, asked, reply, outcome;
    bool inbound = false;
  };

  void beginGroup(const std::string& name) {
    group_ = {};
    group_.name = name;
  }

  void define(const std::string& line) {
    const size_t space = line.find(' ');
    const std::string key = line.substr(0, space);
    const std::string value = space == std::string::npos ? "" : trimmed(line.substr(space));
    if (key == "each") {
      group_.each = value;
    } else if (key == "reply") {
      group_.reply = value;
    } else if (key == "upstream" || key == "connection") {
      group_.outcome = value;
    } else if (key == "config") {
      group_.config = value;
    } else if (key == "inbound") {
      group_.inbound = true;
    } else if (key == "asked") {
      group_.side = Row::Side::Answer;
      group_.asked = octetsOf(value);
    } else {
      throw std::runtime_error("unknown: @" + key);
    }
  }

  void fill() {
    const std::vector<std::string> columns = columnsOf(text_);
    const auto column = [&](size_t index, const std::string& otherwise) {
      return columns.size() > index && !columns[index].empty() ? columns[index] : otherwise;
    };
    Row& row = rows_.back();
    row.side = group_.side;
    row.group = group_.name;
    row.config = group_.config;
    row.inbound = group_.inbound;
    row.asked = group_.asked;
    row.name = columns[0];
    std::string sent = group_.each;
    replaceAll(sent, kHole, column(1, ""));
    row.sent = sentOf(sent);
    row.reply = column(2, group_.reply);
    row.outcome = column(3, group_.outcome);
    if (columns.size() > 4) row.bytewise = columns[4];
  }

  Group group_;
  std::string text_;  // of the present row, so far
  std::vector<Row> rows_;
};

// Walks over the messages in some octets and copies them, chunks joined.
class ChunkJoiner {
 public:
  explicit ChunkJoiner(const std::string& in) : in_(in) {}

  std::string join() {
    while (at_ < in_.size()) {
      const size_t end = in_.find("\r\n\r\n", at_);
      if (end == std::string::npos) break;
      const std::string head = in_.substr(at_, end + 4 - at_);
      out_ += head;
      at_ = end + 4;
      static const std::regex length("\r\ncontent-length: (\\d+)");
      std::smatch match;
      if (head.find("\r\ntransfer-encoding: chunked") != std::string::npos) {
        joinChunks();
      } else if (std::regex_search(head, match, length)) {
        copy(std::stoul(match[1]));
      }
    }
    return out_ + in_.substr(at_);
  }

 private:
  void copy(size_t size) {
    out_ += in_.substr(at_, size);
    at_ = std::min(in_.size(), at_ + size);
  }

  void joinChunks() {
    std::string body;
    while (at_ < in_.size() && std::isxdigit(static_cast<unsigned char>(in_[at_])) != 0) {
      const size_t lineEnd = in_.find("\r\n", at_);
      const size_t size = std::stoul(in_.substr(at_, lineEnd - at_), nullptr, 16);
      if (size == 0) break;
      body += in_.substr(lineEnd + 2, size);
      at_ = std::min(in_.size(), lineEnd + 2 + size + 2);
    }
    if (body.empty()) return;
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    out_ += size + body + "\r\n";
  }

  const std::string& in_;
  std::string out_;
  size_t at_ = 0;
};

}  // namespace

std::string Row::testName() const {
  return wordOf(group) + "__" + wordOf(name);
}

std::vector<Row> readTable(const std::string& path) {
  std::ifstream in(path);
  Reader reader;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    try {
      reader.take(line, number);
    } catch (const std::exception& wrong) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": " + wrong.what());
    }
  }
  return std::move(reader).rows();
}

std::string octetsOf(const std::string& notation) {
  std::string text = notation;
  replaceAll(text, "{ours}", kOurs);
  repeat(text);
  replaceAll(text, kLineEnd, "\r\n");
  std::string octets;
  for (size_t at = 0; at < text.size(); ++at) octets += text[at] == '\\' ? escaped(text, at) : text[at];
  return octets;
}

std::string notationOf(const std::string& octets) {
  std::string text;
  for (size_t at = 0; at < octets.size(); ++at) {
    const auto c = static_cast<unsigned char>(octets[at]);
    char hex[8];
    if (c == '\r' && octets.substr(at + 1, 1) == "\n") {
      text += kLineEnd;
      ++at;
    } else if (c < 0x20 || c >= 0x7f || c == '\\' || c == '|') {
      std::snprintf(hex, sizeof hex, "\\x%02x", c);
      text += hex;
    } else {
      text += octets[at];
    }
  }
  replaceAll(text, kOurs, "{ours}");
  return text;
}

std::string masked(const std::string& octets, const std::string& given) {
  static const std::regex line("\r\n(x-request-id|traceparent|outrigger-timeout-ms|date): ([^\r]*)");
  std::string text;
  auto from = octets.begin();
  for (std::sregex_iterator it(octets.begin(), octets.end(), line), end; it != end; ++it) {
    const std::smatch& match = *it;
    text.append(from, match[2].first);
    text += given.find(match[2].str()) == std::string::npos ? "*" : match[2].str();
    from = match[2].second;
  }
  return text.append(from, octets.end());
}

std::string withJoinedChunks(const std::string& octets) {
  return ChunkJoiner(octets).join();
}

}  // namespace outrigger::sim::raw_bytes
