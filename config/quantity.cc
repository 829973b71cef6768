#include "config/quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "config/texts.h"

namespace outrigger::config {
namespace {

struct TimeUnit {
  Bytes name;
  Duration length;
};
constexpr TimeUnit kTimeUnits[] = {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}};

// Units that others use, and what they are called here. An empty one: it is too small.
struct OtherUnit {
  Bytes name;
  Bytes here;
  int64_t factor = 1;
};
constexpr OtherUnit kOtherTimeUnits[] = {
    {"d", "h", 24},
    {"day", "h", 24},
    {"days", "h", 24},
    {"hour", "h"},
    {"hours", "h"},
    {"hr", "h"},
    {"min", "m"},
    {"mins", "m"},
    {"minute", "m"},
    {"minutes", "m"},
    {"sec", "s"},
    {"secs", "s"},
    {"second", "s"},
    {"seconds", "s"},
    {"msec", "ms"},
    {"msecs", "ms"},
    {"millis", "ms"},
    {"milliseconds", "ms"},
    {"millisecond", "ms"},
    {"us", ""},
    {"ns", ""},
    {"h", "h"},
    {"m", "m"},
    {"s", "s"},
    {"ms", "ms"},
};

struct SizeUnit {
  Bytes name;
  uint64_t octets;
};
constexpr SizeUnit kSizeUnits[] = {{"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}};

constexpr OtherUnit kOtherSizeUnits[] = {
    {"b", "B"},     {"byte", "B"},  {"bytes", "B"}, {"k", "KiB"},  {"kb", "KiB"},
    {"ki", "KiB"},  {"kib", "KiB"}, {"m", "MiB"},   {"mb", "MiB"}, {"mi", "MiB"},
    {"mib", "MiB"}, {"g", "GiB"},   {"gb", "GiB"},  {"gi", "GiB"}, {"gib", "GiB"},
};

Bytes takeDigits(Bytes& text) {
  const size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const Bytes digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

bool leadsWithZero(Bytes digits) {
  return digits.size() > 1 && digits.front() == '0';
}

// A number with decimals and one unit, as people write it: "1.5s", "5 sec", "64 KB".
struct Loose {
  double number = 0;
  std::string unit;
};

std::optional<Loose> readLoosely(Bytes text) {
  Loose loose;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), loose.number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(loose.number) || loose.number < 0) return std::nullopt;
  loose.unit = lowered(trimSpace(text.substr(static_cast<size_t>(end - text.data()))));
  return loose;
}

std::string durationMeant(Bytes text) {
  const auto loose = readLoosely(trimSpace(text));
  if (!loose) return "5s";
  for (const OtherUnit& other : kOtherTimeUnits) {
    if (loose->unit != other.name) continue;
    if (other.here.empty()) return "1ms";
    const auto unit = std::ranges::find(kTimeUnits, other.here, &TimeUnit::name);
    const double milliseconds = loose->number * static_cast<double>(other.factor * (unit->length / 1ms));
    if (milliseconds >= 1 && milliseconds <= static_cast<double>(kLongestSetting / 1ms)) {
      return durationText(std::chrono::milliseconds(std::llround(milliseconds)));
    }
  }
  return loose->unit.empty() && !text.empty() && std::ranges::all_of(text, isDigit) && text.size() < 9
             ? std::string(text) + (loose->number >= 1000 ? "ms" : "s")
             : "5s";
}

std::string sizeMeant(Bytes text) {
  const auto loose = readLoosely(trimSpace(text));
  if (!loose) return "64KiB";
  if (loose->unit.empty()) return std::string(text) + "B";
  for (const OtherUnit& other : kOtherSizeUnits) {
    if (loose->unit != other.name) continue;
    const auto unit = std::ranges::find(kSizeUnits, other.here, &SizeUnit::name);
    const double octets = loose->number * static_cast<double>(unit->octets);
    if (octets >= 1 && octets < 1e15) return sizeText(static_cast<uint64_t>(std::llround(octets)));
  }
  return "64KiB";
}

Slip notADuration(Bytes text) {
  const bool bare = !text.empty() && std::ranges::all_of(text, isDigit);
  return {Code::NotATime,
          bare ? "needs a unit: h, m, s or ms" : "needs a time: whole numbers with the units h, m, s, ms",
          durationMeant(text)};
}

Slip notASize(Bytes text) {
  const bool bare = !text.empty() && std::ranges::all_of(text, isDigit);
  return {Code::NotASize,
          bare ? "needs a unit: B, KiB, MiB or GiB" : "needs a size: a whole number with B, KiB, MiB or GiB",
          sizeMeant(text)};
}

// Without separators, leading zeros and a plus sign, if digits are left; else nothing to propose.
std::string integerMeant(Bytes text) {
  if (const size_t colon = text.rfind(':'); colon != Bytes::npos) text.remove_prefix(colon + 1);  // a port
  std::string digits;
  for (const char c : text) {
    if (isDigit(c)) {
      digits.push_back(c);
    } else if (c != '_' && c != ',' && c != ' ' && c != '+' && c != '\'') {
      return {};
    }
  }
  const size_t start = digits.find_first_not_of('0');
  return start == std::string::npos ? (digits.empty() ? "" : "0") : digits.substr(start);
}

}  // namespace

Reading<Duration> readDuration(Bytes text) {
  Bytes rest = text;
  Duration sum{};
  const TimeUnit* next = std::begin(kTimeUnits);
  while (!rest.empty()) {
    const Bytes digits = takeDigits(rest);
    const Bytes name = rest.substr(0, std::min(rest.find_first_of("0123456789"), rest.size()));
    rest.remove_prefix(name.size());
    const TimeUnit* unit = std::find_if(next, std::end(kTimeUnits), [&](const TimeUnit& u) { return u.name == name; });
    if (unit == std::end(kTimeUnits) || digits.empty() || leadsWithZero(digits))
      return std::unexpected(notADuration(text));
    const auto count = parseDecimal(digits, static_cast<uint64_t>(kLongestSetting / unit->length));
    if (count) sum += static_cast<int64_t>(*count) * unit->length;
    if (!count || sum > kLongestSetting) return std::unexpected(Slip{Code::OutOfRange, "is longer than a year", ""});
    next = unit + 1;
  }
  if (text.empty()) return std::unexpected(notADuration(text));
  return sum;
}

Reading<uint64_t> readSize(Bytes text) {
  Bytes name = text;
  const Bytes digits = takeDigits(name);
  const auto unit = std::ranges::find(kSizeUnits, name, &SizeUnit::name);
  if (unit == std::end(kSizeUnits) || digits.empty() || leadsWithZero(digits)) return std::unexpected(notASize(text));
  const auto count = parseDecimal(digits, (1ULL << 50) / unit->octets);
  if (!count) return std::unexpected(Slip{Code::OutOfRange, "is too large", ""});
  return *count * unit->octets;
}

Reading<uint64_t> readInteger(Bytes text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, isDigit);
  if (plain && leadsWithZero(text)) {
    return std::unexpected(
        Slip{Code::NotANumber, "begins with 0, which some read as octal: write it without", integerMeant(text)});
  }
  if (!plain)
    return std::unexpected(Slip{Code::NotANumber, "needs a whole number in decimal digits", integerMeant(text)});
  const auto value = parseDecimal(text);
  if (!value) return std::unexpected(Slip{Code::OutOfRange, "is too large", ""});
  return *value;
}

Reading<double> readPercent(Bytes text) {
  Bytes rest = text;
  const Bytes whole = takeDigits(rest);
  bool good = !whole.empty() && !leadsWithZero(whole);
  if (good && rest.starts_with('.')) {
    rest.remove_prefix(1);
    good = !takeDigits(rest).empty();
  }
  double value = 0;
  if (good && rest.empty()) {
    std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (value > 100 || whole.size() > 3)
      return std::unexpected(Slip{Code::OutOfRange, "is more than 100 percent", "100"});
    return value;
  }
  if (good && trimSpace(rest) == "%") {
    return std::unexpected(Slip{Code::NotAPercent, "is a percentage already: write it without %",
                                std::string(text.substr(0, text.find_first_of("% ")))});
  }
  return std::unexpected(Slip{Code::NotAPercent, "needs a percentage: a number from 0 to 100", ""});
}

std::string durationText(Duration duration) {
  int64_t left = duration / 1ms;
  std::string out;
  for (const TimeUnit& unit : kTimeUnits) {
    const int64_t length = unit.length / 1ms;
    if (left >= length) out += std::to_string(left / length) + std::string(unit.name);
    left %= length;
  }
  return out.empty() ? "0s" : out;
}

std::string sizeText(uint64_t octets) {
  const SizeUnit* best = std::begin(kSizeUnits);
  for (const SizeUnit& unit : kSizeUnits) {
    if (octets != 0 && octets % unit.octets == 0) best = &unit;
  }
  return std::to_string(octets / best->octets) + std::string(best->name);
}

}  // namespace outrigger::config
