#include "config/judge.h"

#include <algorithm>

#include "config/nearest.h"

namespace outrigger::config {
namespace {

constexpr Bytes kOffWords[] = {"off",  "no",       "false",   "null", "~",        "nil",       "never",
                               "none", "disabled", "disable", "inf",  "infinite", "unlimited", "-1"};
constexpr Bytes kOnWords[] = {"on", "yes", "true", "enabled", "enable"};

bool isOneOf(Bytes text, std::span<const Bytes> words) {
  return std::ranges::any_of(words, [&](Bytes word) { return equalsIgnoreCase(word, text); });
}

// "a, b, c", of the words that this version knows.
std::string listed(const std::vector<Bytes>& words) {
  std::string out;
  for (const Bytes word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

Code codeOf(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::Duration: return Code::NotATime;
    case Type::Kind::Size: return Code::NotASize;
    case Type::Kind::Percent: return Code::NotAPercent;
    case Type::Kind::Integer: return Code::NotANumber;
    case Type::Kind::Address: return Code::NotAnAddress;
    case Type::Kind::Text: return Code::BadText;
    default: return Code::NotAWord;
  }
}

// A bound or value of a type as the file would have it.
std::string valueText(int64_t value, Type::Kind kind) {
  if (kind == Type::Kind::Duration) return durationText(Duration(value));
  if (kind == Type::Kind::Size) return sizeText(static_cast<uint64_t>(value));
  return std::to_string(value);
}

std::optional<Slip> judgeRange(int64_t value, const Type& type) {
  if (value >= type.min && value <= type.max) return std::nullopt;
  const std::string min = valueText(type.min, type.kind);
  const std::string max = valueText(type.max, type.kind);
  const bool off = value == 0 && type.none;
  return Slip{Code::OutOfRange, "is out of its range, " + min + " to " + max,
              off                ? "none"
              : value < type.min ? min
                                 : max};
}

std::optional<Slip> judgeWord(Bytes text, const Type& type) {
  std::vector<Bytes> known;
  for (const Word& word : type.words) {
    if (word.later.empty()) known.push_back(word.text);
  }
  if (std::ranges::find(known, text) != known.end()) return std::nullopt;
  const auto later = std::ranges::find(type.words, text, &Word::text);
  if (later != type.words.end()) {
    return Slip{Code::NotInThisVersion, inQuotes(text) + " is not in this version: " + std::string(later->later),
                (known.size() == 1 ? "" : "one of ") + listed(known)};
  }
  const bool hasNone = type.none || std::ranges::find(known, "none") != known.end();
  if (type.none) known.push_back("none");
  const auto near = meansOff(text) && hasNone ? std::optional<Bytes>("none") : nearest(text, known);
  if (known.size() == 1) return Slip{Code::NotAWord, "knows only the word " + listed(known), listed(known)};
  return Slip{Code::NotAWord, "knows the words " + listed(known) + ", not " + inQuotes(text),
              near ? std::string(*near) : std::string()};
}

std::optional<Slip> judgeBoolean(Bytes text) {
  if (text == "true" || text == "false") return std::nullopt;
  return Slip{Code::NotAWord, "is true or false, not " + inQuotes(text),
              isOneOf(text, kOnWords) || text == "1" ? "true" : "false"};
}

std::optional<Slip> judgePercent(Bytes text, const Type& type) {
  const auto percent = readPercent(text);
  if (!percent) return percent.error();
  if (*percent < static_cast<double>(type.min)) return judgeRange(static_cast<int64_t>(*percent), type);
  return std::nullopt;
}

std::optional<Slip> judgeKind(Bytes text, const Type& type) {
  switch (type.kind) {
    case Type::Kind::Text: return type.textCheck == nullptr ? std::nullopt : type.textCheck(text);
    case Type::Kind::Word: return judgeWord(text, type);
    case Type::Kind::Boolean: return judgeBoolean(text);
    case Type::Kind::Percent: return judgePercent(text, type);
    case Type::Kind::Integer: {
      const auto value = readInteger(text);
      return value ? judgeRange(static_cast<int64_t>(std::min<uint64_t>(*value, INT64_MAX)), type)
                   : std::optional<Slip>(value.error());
    }
    case Type::Kind::Duration: {
      const auto value = readDuration(text);
      return value ? judgeRange(value->count(), type) : std::optional<Slip>(value.error());
    }
    case Type::Kind::Size: {
      const auto value = readSize(text);
      return value ? judgeRange(static_cast<int64_t>(*value), type) : std::optional<Slip>(value.error());
    }
    case Type::Kind::Address: {
      const auto value = readAddress(text, type.use);
      return value ? std::nullopt : std::optional<Slip>(value.error());
    }
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Slip> judge(Bytes text, const Type& type) {
  auto slip = judgeKind(text, type);
  if (!slip || type.kind == Type::Kind::Boolean) return slip;
  if (type.none && (meansOff(text) || text == "0")) {
    return Slip{codeOf(type.kind), "is switched off with the word `none`", "none"};
  }
  if (!type.none && text == "none") return Slip{codeOf(type.kind), "cannot be none", slip->tryText};
  if (meansOn(text) && type.automatic) {
    return Slip{codeOf(type.kind), "is left to the proxy with the word `auto`", "auto"};
  }
  return slip;
}

bool meansOff(Bytes text) {
  return isOneOf(text, kOffWords);
}

bool meansOn(Bytes text) {
  return isOneOf(text, kOnWords);
}

}  // namespace outrigger::config
