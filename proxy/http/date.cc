#include "proxy/http/date.h"

#include <algorithm>

namespace outrigger::http {
namespace {

constexpr Bytes kDays = "SunMonTueWedThuFriSat";
constexpr Bytes kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

class Pen {
 public:
  explicit Pen(char* at) : at_(at) {}
  Pen& text(Bytes bytes) {
    at_ = std::ranges::copy(bytes, at_).out;
    return *this;
  }
  Pen& number(unsigned value, int digits) {
    for (int i = digits - 1; i >= 0; --i, value /= 10) at_[i] = static_cast<char>('0' + value % 10);
    at_ += digits;
    return *this;
  }

 private:
  char* at_;
};

}  // namespace

DateText::DateText(WallTime when) {
  const auto instant =
      std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time<Duration>(when.time_since_epoch()));
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(instant - day);
  Pen(text_.data())
      .text(kDays.substr(std::chrono::weekday(day).c_encoding() * 3, 3))
      .text(", ")
      .number(static_cast<unsigned>(date.day()), 2)
      .text(" ")
      .text(kMonths.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3))
      .text(" ")
      .number(static_cast<unsigned>(static_cast<int>(date.year())), 4)
      .text(" ")
      .number(static_cast<unsigned>(clock.hours().count()), 2)
      .text(":")
      .number(static_cast<unsigned>(clock.minutes().count()), 2)
      .text(":")
      .number(static_cast<unsigned>(clock.seconds().count()), 2)
      .text(" GMT");
}

}  // namespace outrigger::http
