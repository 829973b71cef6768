#include "control/cli/columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace outrigger::control::cli {
namespace {

struct Range {
  char32_t from;
  char32_t to;
};

// Unicode's categories Mn and Cf as far as names are likely to have them; and its East Asian widths W and F.
constexpr Range kNoColumn[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                               {0x064B, 0x065F}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
                               {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range kTwoColumns[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23F3},   {0x25FD, 0x25FE},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},
    {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},   {0x26D4, 0x26D4},
    {0x26EA, 0x26EA},   {0x26F2, 0x26F5},   {0x26FA, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27BF},   {0x2B1B, 0x2B1C},
    {0x2B50, 0x2B55},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x16FE0, 0x18DFF}, {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F19A},
    {0x1F200, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
// Controls, and what turns the direction of the text, breaks lines, or is not seen at all.
constexpr Range kUnfit[] = {{0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD}, {0x061C, 0x061C},
                            {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E}, {0x2060, 0x206F},
                            {0xD800, 0xDFFF},   {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF}, {0xFFF0, 0xFFFF},
                            {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF}};

template <size_t N>
bool within(const Range (&ranges)[N], char32_t letter) {
  return std::ranges::any_of(ranges, [letter](const Range& r) { return letter >= r.from && letter <= r.to; });
}

constexpr char32_t kBroken = 0xFFFFFFFF;

/// Takes a letter off the front of `text`, which is not empty; kBroken, and one octet, where that is no UTF-8.
char32_t takeLetter(Bytes& text) {
  const auto octet = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = octet(0);
  const size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  char32_t letter = length == 1 ? first : first & (0x7FU >> length);
  bool whole = length > 0 && length <= text.size();
  for (size_t i = 1; whole && i < length; ++i) {
    whole = (octet(i) & 0xC0) == 0x80;
    letter = letter << 6 | (octet(i) & 0x3F);
  }
  whole = whole && letter >= kLeast[length] && letter <= 0x10FFFF;
  text.remove_prefix(whole ? length : 1);
  return whole ? letter : kBroken;
}

size_t widthOf(char32_t letter) {
  return within(kNoColumn, letter) ? 0 : within(kTwoColumns, letter) ? 2 : 1;
}

}  // namespace

bool takesUtf8(Bytes lcAll, Bytes lcCtype, Bytes lang) {
  std::string locale(!lcAll.empty() ? lcAll : !lcCtype.empty() ? lcCtype : lang);
  for (char& c : locale) c = lowerAscii(c);
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

size_t columnsOf(Bytes text) {
  size_t columns = 0;
  while (!text.empty()) columns += widthOf(takeLetter(text));
  return columns;
}

std::string fitted(Bytes text, size_t columns, bool utf8) {
  std::string fits;
  size_t used = 0;
  size_t cutAt = 0;  // where the sign that it was cut would stand
  while (!text.empty()) {
    const Bytes rest = text;
    const char32_t letter = takeLetter(text);
    const bool shown = letter != kBroken && !within(kUnfit, letter) && (utf8 || letter < 0x80);
    const size_t width = shown ? widthOf(letter) : 1;
    if (used + width > columns) {
      fits.resize(cutAt);
      return columns == 0 ? std::string() : fits + (utf8 ? "…" : "~");
    }
    if (shown) {
      fits += rest.substr(0, rest.size() - text.size());
    } else {
      fits += '?';
    }
    used += width;
    if (used < columns) cutAt = fits.size();
  }
  return fits;
}

std::string sparkLine(std::span<const double> values, size_t columns, bool utf8) {
  constexpr std::array<const char*, 9> kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<const char*, 9> kPlain{" ", "_", ".", ":", "-", "=", "+", "*", "#"};
  if (values.size() > columns) values = values.last(columns);
  const double highest = values.empty() ? 0 : *std::ranges::max_element(values);
  std::string line;
  for (const double value : values) {
    // Nothing is the ground line, and the least that is more than nothing stands out from it.
    const double share = highest > 0 ? std::clamp(value / highest, 0.0, 1.0) : 0;
    const size_t step = value < 0 ? 0 : value == 0 ? 1 : static_cast<size_t>(std::max(2.0, 1 + std::round(7 * share)));
    line += utf8 ? kBlocks[step] : kPlain[step];
  }
  return line;
}

}  // namespace outrigger::control::cli
