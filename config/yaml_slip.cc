#include "config/yaml_slip.h"

#include <algorithm>

#include "config/diagnostic.h"

namespace outrigger::config {
namespace {

// A word of the library's message, what to say instead, and what to try.
struct Translation {
  Bytes part;
  Bytes message;
  Bytes tryText;
};

constexpr Translation kTranslations[] = {
    {"without closing quote", "the closing quote is missing", ""},
    {"missing comma in flow", "a comma is missing here, or the bracket before is not closed", ""},
    {"without a closing bracket", "a bracket is not closed", ""},
    {"did not find expected node content", "a value is missing here, or a comma is one too many", ""},
    {"extra comma", "a comma is one too many", ""},
    {"comma in the beginning", "a comma is one too many", ""},
    {"mismatched flow", "this bracket closes another kind of bracket", ""},
    {"extra closing", "this bracket closes nothing", ""},
    {"nested block mapping on the same line", "a second `: ` stands in this line", "the value in quotes"},
    {"plain scalar cannot start with", "a value cannot begin with this character", "the value in quotes"},
    {"invalid multiline plain key", "this line and the next do not fit: check their indentation", ""},
    {"could not find expected ':'", "a `:` is missing behind the key", ""},
    {"missing ':'", "a `:` is missing behind the key", ""},
    {"invalid value after mapping",
     "this does not fit to the lines above: check its indentation, and whether `: ` is "
     "missing",
     ""},
    {"at the end of block sequence", "this does not fit to the list above: check its indentation and the `- `", ""},
    {"block sequence on the same line", "a list of `- ` begins in a line of its own", ""},
    {"did not find expected key", "this does not fit to the lines above: check its indentation", ""},
    {"wrongly indented", "this line does not fit to those above: check its indentation", ""},
    {"indent", "this line does not fit to those above: check its indentation", ""},
    {"invalid escape", "a double-quoted text knows no such escape", "single quotes"},
    {"depth limit", "too many brackets stand in one another here", ""},
    {"flow level", "too many brackets stand in one another here", ""},
};

bool isAddressCharacter(char c) {
  const char l = lowerAscii(c);
  return isDigit(c) || (l >= 'a' && l <= 'f') || c == ':' || c == '.';
}

// The length of an address in brackets, its port included, at the start of the text; 0 if there is none.
size_t addressLength(Bytes text) {
  size_t i = 1;
  size_t colons = 0;
  while (i < text.size() && isAddressCharacter(text[i])) colons += text[i++] == ':';
  if (colons < 2 || !text.substr(i).starts_with("]:")) return 0;
  i += 2;
  const size_t port = i;
  while (i < text.size() && isDigit(text[i])) ++i;
  return i == port ? 0 : i;
}

// A sequence of UTF-8 (RFC 3629) of at least one octet; 0 if it is malformed. `codePoint` is set.
size_t sequenceLength(Bytes text, uint32_t& codePoint) {
  const auto octet = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const uint32_t lead = octet(0);
  const size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
  if (length == 0) return 0;
  codePoint = length == 1 ? lead : lead & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    if (octet(i) >> 6 != 2) return 0;
    codePoint = codePoint << 6 | (octet(i) & 0x3FU);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
  return codePoint < kSmallest[length] || codePoint > 0x10FFFF || surrogate ? 0 : length;
}

bool isPrintable(uint32_t c, size_t offset) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  if (c == 0x7f || (c >= 0x80 && c < 0xA0 && c != 0x85) || c == 0xFFFE || c == 0xFFFF) return false;
  return c != 0xFEFF || offset == 0;
}

// The column of the first tab before the text of a line.
std::optional<uint32_t> tabInIndent(Bytes line) {
  const size_t tab = line.find('\t');
  const size_t text = line.find_first_not_of(" \t");
  if (text == Bytes::npos || tab > text) return std::nullopt;
  return static_cast<uint32_t>(tab + 1);
}

SyntaxSlip tabSlip(Place place) {
  return {Code::Tab, place, "a tab stands where the line is indented", "spaces"};
}

}  // namespace

SyntaxSlip explainSyntaxError(Bytes libraryMessage, Place place, const Lines& lines) {
  const Bytes line = lines.line(place.line);
  place.column = std::min(place.column, static_cast<uint32_t>(line.size() + 1));
  if (const auto address = unquotedAddress(line, place.column)) {
    return {Code::NotAnAddress,
            {place.line, address->column, place.file},
            "YAML reads the address `" + address->text + "` as a list: it needs quotes",
            "\"" + address->text + "\""};
  }
  // The library may have read on into the next line, and tell of the one before.
  for (const uint32_t number : {place.line, place.line + 1}) {
    const auto tab = tabInIndent(lines.line(number));
    if (tab) return tabSlip({number, *tab, place.file});
  }
  if (libraryMessage.find(" tab") != Bytes::npos) return tabSlip(place);
  for (const Translation& t : kTranslations) {
    if (libraryMessage.find(t.part) == Bytes::npos) continue;
    return {Code::Syntax, place, std::string(t.message), std::string(t.tryText)};
  }
  return {Code::Syntax, place, "this is not YAML: " + std::string(libraryMessage), ""};
}

std::optional<UnquotedAddress> unquotedAddress(Bytes line, uint32_t column) {
  for (size_t i = line.find('['); i != Bytes::npos; i = line.find('[', i + 1)) {
    const size_t length = addressLength(line.substr(i));
    const bool afterQuote = i > 0 && (line[i - 1] == '"' || line[i - 1] == '\'');
    if (length > 0 && !afterQuote && column <= i + length + 1) {
      return UnquotedAddress{std::string(line.substr(i, length)), static_cast<uint32_t>(i + 1)};
    }
  }
  return std::nullopt;
}

SyntaxSlip explainAlias(Bytes alias, Place place) {
  const std::string name = inQuotes(alias) + " is an alias in YAML, which is refused";
  if (alias.starts_with("*.")) {
    return {Code::Alias, place, name + "; all names that end alike are written with the point first",
            std::string(alias.substr(1))};
  }
  if (alias.starts_with("*:")) return {Code::Alias, place, name, "\"[::]" + std::string(alias.substr(1)) + "\""};
  return {Code::Alias, place, name, "the value itself; shared settings go into a policy"};
}

std::optional<SyntaxSlip> guardLibrary(Bytes text, const Lines& lines) {
  for (uint32_t number = 1; number <= lines.count(); ++number) {
    const Bytes line = lines.line(number);
    if (line.size() > kLongestLine) return SyntaxSlip{Code::TooLarge, {number, 1}, "this line has more than 1 MiB", ""};
    if (line.starts_with('%')) {
      return SyntaxSlip{
          Code::Syntax, {number, 1}, "a line that begins with % is a directive of YAML, which is refused", ""};
    }
  }
  for (size_t i = 0; i < text.size();) {
    uint32_t codePoint = 0;
    const size_t length = sequenceLength(text.substr(i), codePoint);
    if (length == 0)
      return SyntaxSlip{Code::BadOctet, lines.place(i), "this octet is not UTF-8", "the file saved as UTF-8"};
    if (!isPrintable(codePoint, i))
      return SyntaxSlip{Code::BadOctet, lines.place(i), "a control character stands here", ""};
    i += length;
  }
  return std::nullopt;
}

}  // namespace outrigger::config
