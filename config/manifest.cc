#include "config/manifest.h"

#include <algorithm>

#include "config/plain_scalar.h"
#include "config/yaml.h"
#include "proxy/base/json_text.h"

namespace outrigger::config {
namespace {

// The next line that begins a document (YAML 1.2.2 §9.1.2: `---` at the start of a line does so wherever it stands);
// npos: none.
size_t nextMarker(Bytes text, size_t from) {
  for (size_t at = text.find("\n---", from); at != Bytes::npos; at = text.find("\n---", at + 1)) {
    const size_t behind = at + 4;
    if (behind == text.size() || Bytes(" \t\r\n").find(text[behind]) != Bytes::npos) return at + 1;
  }
  return Bytes::npos;
}

std::vector<Bytes> pieces(Bytes text) {
  std::vector<Bytes> all;
  size_t begin = 0;
  while (true) {
    const size_t end = nextMarker(text, begin);
    all.push_back(text.substr(begin, end == Bytes::npos ? end : end - begin));
    if (end == Bytes::npos) return all;
    begin = end;
  }
}

void append(std::string& out, const Node& node) {
  switch (node.kind()) {
    case Node::Kind::Null:
    case Node::Kind::Invalid: out += "null"; return;
    case Node::Kind::Scalar: {
      const auto literal = node.quoted() ? std::nullopt : plainLiteral(node.text());
      out += literal ? *literal : jsonQuoted(node.text());
      return;
    }
    case Node::Kind::List: {
      const char* between = "[";
      for (const Node& item : node.items()) {
        out += between;
        append(out, item);
        between = ",";
      }
      out += node.items().empty() ? "[]" : "]";
      return;
    }
    case Node::Kind::Map: {
      const char* between = "{";
      for (const Node::Entry& entry : node.entries()) {
        out += between + jsonQuoted(entry.key) + ":";
        append(out, entry.value);
        between = ",";
      }
      out += node.entries().empty() ? "{}" : "}";
      return;
    }
  }
}

}  // namespace

std::string jsonText(const Node& node) {
  std::string out;
  append(out, node);
  return out;
}

std::expected<std::vector<ManifestDocument>, std::vector<Diagnostic>> readManifest(Bytes text,
                                                                                   const std::string& fileName) {
  std::vector<ManifestDocument> documents;
  std::string inPlace;  // the document behind as many lines as stand before it, so that places are the file's
  size_t linesBefore = 0;
  for (const Bytes piece : pieces(text)) {
    inPlace.assign(linesBefore, '\n');
    inPlace += piece;
    linesBefore += static_cast<size_t>(std::ranges::count(piece, '\n'));
    Diagnostics diagnostics(fileName, inPlace);
    const auto root = readYaml(Source::File, diagnostics, Dialect::Manifest);
    if (!root || diagnostics.hasErrors()) return std::unexpected(diagnostics.take());
    documents.push_back({piece, jsonText(*root)});
  }
  return documents;
}

}  // namespace outrigger::config
