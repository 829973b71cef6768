#include "control/tap/tap_feeds.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/quantity.h"
#include "control/names.h"
#include "control/page_query.h"

namespace outrigger::control::tap {
namespace {

Page refusal(uint16_t status, const std::string& sentence) {
  const nlohmann::ordered_json json{{"error", sentence}};
  return {.status = status, .body = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"};
}

std::string recordEvent(Bytes record) {
  return "event: record\ndata: " + std::string(record) + "\n\n";
}

std::string leftOutEvent(uint64_t count) {
  return "event: left-out\ndata: {\"records\":" + std::to_string(count) + "}\n\n";
}

}  // namespace

std::expected<server::TapFilter, std::string> readFilter(Bytes query) {
  server::TapFilter filter;
  filter.errors = queryValue(query, "errors") == "1";
  filter.upstream = queryValue(query, "upstream").value_or("");
  filter.route = queryValue(query, "route").value_or("");
  if (const auto slower = queryValue(query, "slower-than")) {
    const auto span = config::readDuration(*slower);
    if (!span) return std::unexpected("slower-than " + span.error().what);
    filter.slowerThan = *span;
  }
  return filter;
}

// What goes where no route leads, and connections to the app, have upstreams that are in no list.
std::optional<std::string> findsNothing(const server::TapFilter& filter, const config::Model& model) {
  constexpr std::array<Bytes, 3> kOwn{"app", "passthrough", "passthrough-inbound"};
  const auto named = [](const auto& all, const std::string& name) {
    return std::ranges::any_of(all, [&](const auto& each) { return each.name == name; });
  };
  const std::string& upstream = filter.upstream;
  if (!upstream.empty() && !named(model.upstreams, upstream) && !std::ranges::count(kOwn, Bytes(upstream))) {
    return "the config has no upstream '" + upstream + "': " + namesOf(model.upstreams);
  }
  if (!filter.route.empty() && !named(model.routes, filter.route)) {
    return "the config has no route '" + filter.route + "': " + namesOf(model.routes);
  }
  return std::nullopt;
}

TapFeeds::TapFeeds(const ProcessView& view) : view_(view), self_(std::make_shared<TapFeeds*>(this)) {}

TapFeeds::~TapFeeds() {
  *self_ = nullptr;
}

std::variant<Page, FeedHead> TapFeeds::open(const PageRequest& request, std::shared_ptr<Feed> feed) {
  auto filter = readFilter(request.query);
  if (!filter) return refusal(400, filter.error());
  if (view_.model != nullptr) {
    if (const auto why = findsNothing(*filter, *view_.model)) return refusal(404, *why);
  }
  const uint64_t number = nextNumber_++;
  feed->onGone([self = self_, number] {
    if (*self != nullptr) (*self)->close(number);
  });
  for (const auto& host : view_.hosts) {
    host->tap(number, *filter, [self = self_, number](Bytes record, uint64_t leftOut) {
      if (*self != nullptr) (*self)->onTapped(number, record, leftOut);
    });
  }
  taps_.push_back(std::make_shared<Tap>(number, std::move(feed)));
  if (!sign_.armed()) view_.turn.timers.arm(sign_, view_.turn.now + kSignEvery);
  return FeedHead{.first = ": records of requests, as they end\n\n"};
}

void TapFeeds::onTapped(uint64_t number, Bytes record, uint64_t leftOut) {
  const auto found = std::ranges::find(taps_, number, [](const auto& tap) { return tap->number; });
  if (found == taps_.end()) return;
  const std::shared_ptr<Tap> tap = *found;
  tap->missed += leftOut;
  if (tap->missed > 0 && tap->feed->send(leftOutEvent(tap->missed))) tap->missed = 0;
  if (!record.empty() && !tap->feed->send(recordEvent(record))) ++tap->missed;
}

void TapFeeds::close(uint64_t number) {
  std::erase_if(taps_, [number](const auto& tap) { return tap->number == number; });
  for (const auto& host : view_.hosts) host->closeTap(number);
}

void TapFeeds::onSign() {
  if (taps_.empty()) return;
  view_.turn.timers.arm(sign_, view_.turn.now + kSignEvery);
  const auto taps = taps_;
  for (const auto& tap : taps) tap->feed->send(": nothing new\n\n");
}

}  // namespace outrigger::control::tap
