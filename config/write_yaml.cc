#include "config/write_yaml.h"

#include <algorithm>

#include "config/plain_scalar.h"
#include "proxy/base/json_text.h"

namespace outrigger::config {
namespace {

// A text of several lines that a literal block holds exactly.
bool mayBeBlock(Bytes text) {
  if (text.find('\n') == Bytes::npos || text.front() == ' ' || text.front() == '\n') return false;
  const auto fits = [](char c) { return c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); };
  const bool spaceAtAnEnd = text.find(" \n") != Bytes::npos || text.back() == ' ';
  return std::ranges::all_of(text, fits) && !spaceAtAnEnd && !text.ends_with("\n\n");
}

class Writer {
 public:
  std::string take() && { return std::move(out_); }

  void root(const Node& node) {
    if (isOpen(node)) return node.isMap() ? map(node, 0, true) : list(node, 0, true);
    out_ += oneLine(node) + "\n";
  }

 private:
  // A list or map with something in it.
  static bool isOpen(const Node& node) { return !node.items().empty() || !node.entries().empty(); }

  static std::string string(Bytes text) { return mayBePlain(text) ? std::string(text) : jsonQuoted(text); }

  static std::string oneLine(const Node& node) {
    if (node.isMap()) return "{}";
    if (node.isList()) return "[]";
    if (!node.isScalar()) return "";
    const Bytes text = node.written();
    return !node.quoted() && plainLiteral(text) ? std::string(text) : string(text);
  }

  void block(Bytes text, size_t indent) {
    out_ += text.ends_with('\n') ? " |\n" : " |-\n";
    if (text.ends_with('\n')) text.remove_suffix(1);
    while (true) {
      const size_t end = text.find('\n');
      const Bytes line = text.substr(0, end);
      if (!line.empty()) out_ += std::string(indent, ' ') + std::string(line);
      out_ += '\n';
      if (end == Bytes::npos) return;
      text.remove_prefix(end + 1);
    }
  }

  // Behind `key:`, which stands at `indent`.
  void behindKey(const Node& node, size_t indent) {
    if (isOpen(node)) {
      out_ += '\n';
      return node.isMap() ? map(node, indent + 2, true) : list(node, indent, true);
    }
    scalar(node, indent + 2);
  }

  void scalar(const Node& node, size_t indent) {
    if (node.isScalar() && mayBeBlock(node.written())) return block(node.written(), indent);
    const std::string text = oneLine(node);
    out_ += (text.empty() ? "" : " ") + text + "\n";
  }

  // `fresh`: at the start of a line; else behind the dash of a list.
  void map(const Node& node, size_t indent, bool fresh) {
    for (const Node::Entry& entry : node.entries()) {
      if (fresh) out_ += std::string(indent, ' ');
      fresh = true;
      out_ += string(entry.key) + ":";
      behindKey(entry.value, indent);
    }
  }

  void list(const Node& node, size_t indent, bool fresh) {
    for (const Node& item : node.items()) {
      if (fresh) out_ += std::string(indent, ' ');
      fresh = true;
      out_ += '-';
      if (!isOpen(item)) {
        scalar(item, indent + 2);
      } else {
        out_ += ' ';
        item.isMap() ? map(item, indent + 2, false) : list(item, indent + 2, false);
      }
    }
  }

  std::string out_;
};

}  // namespace

std::string writeYaml(const Node& root) {
  Writer writer;
  writer.root(root);
  return std::move(writer).take();
}

}  // namespace outrigger::config
