// The value of Retry-After: RFC 9110 §10.2.3 and, for its dates, §5.6.7.
#include <algorithm>
#include <array>

#include "proxy/policy/retry.h"

namespace outrigger::policy {
namespace {

using Seconds = std::chrono::sys_seconds;

constexpr std::array<Bytes, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<Bytes, 7> kDays{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr size_t kShortName = 3;  // letters of "Sun"

// Reads a text from its front; once something does not fit, nothing does.
class Scanner {
 public:
  explicit Scanner(Bytes text) : rest_(text) {}

  bool done() const { return good_ && rest_.empty(); }

  Scanner& text(Bytes expected) {
    if (!rest_.starts_with(expected)) good_ = false;
    return advance(expected.size());
  }

  // Exactly that many digits.
  int number(size_t digits) {
    const auto value = parseDecimal(rest_.substr(0, digits), 9999);
    if (!value || rest_.size() < digits) good_ = false;
    advance(digits);
    return good_ ? static_cast<int>(*value) : 0;
  }

  // The index of the name that stands here, of which the first `letters` count.
  template <size_t N>
  unsigned oneOf(const std::array<Bytes, N>& names, size_t letters) {
    for (size_t i = 0; i < N; ++i) {
      const Bytes name = names[i].substr(0, letters);
      if (!rest_.starts_with(name)) continue;
      advance(name.size());
      return static_cast<unsigned>(i);
    }
    good_ = false;
    return 0;
  }

  bool skip(char c) {
    const bool there = rest_.starts_with(c);
    if (there) rest_.remove_prefix(1);
    return there;
  }

 private:
  Scanner& advance(size_t n) {
    rest_.remove_prefix(std::min(n, rest_.size()));
    return *this;
  }

  Bytes rest_;
  bool good_ = true;
};

struct Date {
  unsigned weekday = 0;  // 0: Sunday
  int year = 0;
  unsigned month = 0;  // 1 to 12
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;  // 60 in a leap second

  std::optional<Seconds> instant() const {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const std::chrono::sys_days midnight = date;
    if (std::chrono::weekday(midnight).c_encoding() != weekday) return std::nullopt;
    return midnight + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  }
};

unsigned readMonth(Scanner& in) {
  return in.oneOf(kMonths, kShortName) + 1;
}

void readTime(Scanner& in, Date& date) {
  date.hour = in.number(2);
  in.text(":");
  date.minute = in.number(2);
  in.text(":");
  date.second = in.number(2);
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Seconds> readImfFixdate(Scanner in) {
  Date date;
  date.weekday = in.oneOf(kDays, kShortName);
  in.text(", ");
  date.day = static_cast<unsigned>(in.number(2));
  in.text(" ");
  date.month = readMonth(in);
  in.text(" ");
  date.year = in.number(4);
  in.text(" ");
  readTime(in, date);
  in.text(" GMT");
  return in.done() ? date.instant() : std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT. Of the centuries the one counts that puts it at most 50 years ahead.
std::optional<Seconds> readRfc850(Scanner in, Seconds now) {
  Date date;
  date.weekday = in.oneOf(kDays, Bytes::npos);
  in.text(", ");
  date.day = static_cast<unsigned>(in.number(2));
  in.text("-");
  date.month = readMonth(in);
  in.text("-");
  const int twoDigits = in.number(2);
  in.text(" ");
  readTime(in, date);
  in.text(" GMT");
  if (!in.done()) return std::nullopt;
  const int thisYear = static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  date.year = thisYear - thisYear % 100 + twoDigits;
  if (date.year > thisYear + 50) date.year -= 100;
  if (date.year <= thisYear - 50) date.year += 100;
  return date.instant();
}

// Sun Nov  6 08:49:37 1994
std::optional<Seconds> readAsctime(Scanner in) {
  Date date;
  date.weekday = in.oneOf(kDays, kShortName);
  in.text(" ");
  date.month = readMonth(in);
  in.text(" ");
  date.day = static_cast<unsigned>(in.skip(' ') ? in.number(1) : in.number(2));
  in.text(" ");
  readTime(in, date);
  in.text(" ");
  date.year = in.number(4);
  return in.done() ? date.instant() : std::nullopt;
}

bool isDigits(Bytes text) {
  return !text.empty() && text.find_first_not_of("0123456789") == Bytes::npos;
}

}  // namespace

std::optional<Duration> parseRetryAfter(Bytes value, WallTime wall) {
  using std::chrono::seconds;
  constexpr auto kLongest = std::chrono::duration_cast<seconds>(kLongestSetting);
  if (isDigits(value)) {
    const auto delay = parseDecimal(value, static_cast<uint64_t>(kLongest.count()));
    return delay ? seconds(*delay) : kLongest;
  }
  const Duration sinceEpoch = wall.time_since_epoch();
  const Seconds now{std::chrono::floor<seconds>(sinceEpoch)};
  std::optional<Seconds> date = readImfFixdate(Scanner(value));
  if (!date) date = readRfc850(Scanner(value), now);
  if (!date) date = readAsctime(Scanner(value));
  if (!date) return std::nullopt;
  if (*date <= now) return Duration::zero();
  return Duration(std::min(*date - now, kLongest)) - (sinceEpoch - now.time_since_epoch());
}

}  // namespace outrigger::policy
