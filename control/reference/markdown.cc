#include "control/reference/markdown.h"

namespace outrigger::control::reference {
namespace {

// Renderers end a cell at a bar, also within code.
std::string escaped(Bytes cell) {
  std::string out;
  for (const char c : cell) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string code(Bytes text) {
  return "`" + std::string(text) + "`";
}

std::string codes(std::span<const Bytes> words) {
  std::string out;
  for (const Bytes word : words) out += (out.empty() ? "" : ", ") + code(word);
  return out;
}

std::string anchorOf(Bytes heading) {
  std::string out;
  for (const char c : heading) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') out += c;
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if (c == ' ') out += '-';
  }
  return out;
}

Table::Table(std::initializer_list<Bytes> heads) {
  for (const Bytes head : heads) text_ += "| " + std::string(head) + " ";
  text_ += "|\n";
  for (size_t i = 0; i < heads.size(); ++i) text_ += "|---";
  text_ += "|\n";
}

void Table::row(std::initializer_list<std::string> cells) {
  for (const std::string& cell : cells) text_ += "| " + escaped(cell) + (cell.empty() ? "" : " ");
  text_ += "|\n";
}

}  // namespace outrigger::control::reference
