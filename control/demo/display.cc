#include "control/demo/display.h"

#include <array>
#include <cstdio>
#include <numeric>

namespace outrigger::control::demo {
namespace {

constexpr size_t kNews = Story::kLines;
constexpr std::array<const char*, 3> kBreakerWords{"closed", "half-open", "OPEN"};

uint64_t retriesOf(const metrics::UpstreamSeries& series) {
  return std::accumulate(series.retries.begin(), series.retries.end(), uint64_t{0},
                         [](uint64_t sum, const metrics::Counter& cell) { return sum + cell.value(); });
}

uint64_t ejectionsOf(const metrics::UpstreamSeries& series) {
  return std::accumulate(series.ejections.begin(), series.ejections.end(), uint64_t{0},
                         [](uint64_t sum, const metrics::Counter& cell) { return sum + cell.value(); });
}

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 256> text;
  const int size = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), std::min(static_cast<size_t>(size), text.size() - 1)};
}

}  // namespace

void Display::note(const server::Decision& decision) {
  news_.push_back(decision.text);
  if (news_.size() > kNews) news_.pop_front();
  if (!live_ && story_.empty()) std::printf("  %s\n", decision.text.c_str());
}

void Display::tell(Story& story) {
  for (const std::string& line : story.news()) {
    if (!live_) std::printf("  | %s\n", line.c_str());
  }
  story_ = story.lines();
}

Tally Display::tally(size_t service) const {
  const Service& one = services_[service];
  return {one.seen->good.load(), one.seen->bad.load(), retriesOf(*one.series)};
}

std::string Display::table(Duration elapsed) {
  last_.resize(services_.size());
  std::string text = format("  %-16s %8s %9s %10s %9s %9s   %s\n", "service", "req/s", "success", "retries/s",
                            "breaker", "ejected", "what is wrong with it");
  for (size_t i = 0; i < services_.size(); ++i) {
    const Service& service = services_[i];
    const Tally now = tally(i);
    Tally& before = last_[i];
    const uint64_t requests = now.good + now.bad - before.good - before.bad;
    const double second = seconds(elapsed);
    text += format("  %-16s %8.0f %8.1f%% %10.0f %9s %9lld   %s\n", service.name.c_str(),
                   static_cast<double>(requests) / second, share(now.good - before.good, requests),
                   static_cast<double>(now.retries - before.retries) / second,
                   kBreakerWords[static_cast<size_t>(service.series->breakerState.value())],
                   static_cast<long long>(service.series->endpoints[1].value()), service.about.c_str());
    before = now;
  }
  return text;
}

std::string Display::newsLine(size_t number) const {
  if (!story_.empty()) return number < story_.size() ? "  | " + story_[number] : "";
  return number < news_.size() ? "  > " + news_[number] : "";
}

void Display::show(Duration elapsed) {
  std::string text = table(elapsed);
  if (live_) {
    const size_t lines = services_.size() + 1 + kNews;
    if (drawn_) std::printf("\x1b[%zuA\x1b[J", lines);
    for (size_t i = 0; i < kNews; ++i) text += newsLine(i) + "\n";
    drawn_ = true;
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

void Display::summary(Duration total) const {
  std::printf("\n  %.0f seconds, as the callers saw them:\n", seconds(total));
  std::printf("  %-16s %9s %9s %9s %9s %10s %10s\n", "service", "requests", "failed", "success", "retries", "ejections",
              "breaker");
  for (const Service& service : services_) {
    const uint64_t good = service.seen->good.load();
    const uint64_t bad = service.seen->bad.load();
    std::printf("  %-16s %9llu %9llu %8.2f%% %9llu %10llu %5llu opens\n", service.name.c_str(),
                static_cast<unsigned long long>(good + bad), static_cast<unsigned long long>(bad),
                share(good, good + bad), static_cast<unsigned long long>(retriesOf(*service.series)),
                static_cast<unsigned long long>(ejectionsOf(*service.series)),
                static_cast<unsigned long long>(service.series->breakerTransitions[2].value()));
  }
}

}  // namespace outrigger::control::demo
