#include "control/cli/spoken.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace outrigger::control::cli {
namespace {

std::string format(const char* pattern, double value, const char* unit) {
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), pattern, value, unit);
  return {text.data(), static_cast<size_t>(size)};
}

std::string two(int64_t large, const char* largeUnit, int64_t small, const char* smallUnit) {
  std::string text = std::to_string(large) + largeUnit;
  if (small > 0) text += " " + std::to_string(small) + smallUnit;
  return text;
}

std::optional<int> numberAt(Bytes text, size_t from, size_t digits) {
  int number = 0;
  if (text.size() < from + digits) return std::nullopt;
  const char* end = text.data() + from + digits;
  const auto [stopped, error] = std::from_chars(text.data() + from, end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

std::string harmless(Bytes text, bool lines) {
  std::string safe;
  safe.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    // In UTF-8, U+0080 to U+009F, which some terminals obey, are C2 80 to C2 9F.
    const bool c1 = octet == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    const bool control = octet < 0x20 || octet == 0x7F || c1;
    if (control && !(lines && octet == '\n')) {
      safe += '?';
      if (c1) ++i;
    } else {
      safe += text[i];
    }
  }
  return safe;
}

std::string spanText(Duration span) {
  const int64_t milliseconds = wholeMilliseconds(span);
  if (milliseconds <= 0) return "0 s";
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  const int64_t s = milliseconds / 1000;
  if (s < 120) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " m";
  if (s < 48 * 3600) return two(s / 3600, " h", s / 60 % 60, " m");
  return two(s / 86400, " d", s / 3600 % 24, " h");
}

std::string latencyText(double milliseconds) {
  if (milliseconds <= 0) return "-";
  if (milliseconds < 1) return format("%.2f %s", milliseconds, "ms");
  if (milliseconds < 10) return format("%.1f %s", milliseconds, "ms");
  if (milliseconds < 1000) return format("%.0f %s", milliseconds, "ms");
  return format("%.1f %s", milliseconds / 1000, "s");
}

std::string counted(uint64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::optional<WallTime> readTime(Bytes text) {
  const auto year = numberAt(text, 0, 4), month = numberAt(text, 5, 2), day = numberAt(text, 8, 2);
  const auto hour = numberAt(text, 11, 2), minute = numberAt(text, 14, 2), second = numberAt(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second || !text.ends_with('Z')) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto milliseconds = text.size() > 20 && text[19] == '.' ? numberAt(text, 20, 3).value_or(0) : 0;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return WallTime(std::chrono::duration_cast<Duration>(days) + std::chrono::hours(*hour) +
                  std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
                  std::chrono::milliseconds(milliseconds));
}

}  // namespace outrigger::control::cli
