#include "control/live/watch.h"

#include <algorithm>

namespace outrigger::control::live {
namespace {

metrics::Bounds boundsOf(const telemetry::SeriesRegistry& registry) {
  return registry.shards().empty() ? metrics::Bounds::standard() : registry.shards().front()->bounds;
}

admin::WorkerReport report(server::Worker& worker) {
  return {.upstreams = admin::reportUpstreams(worker),
          .decisions = admin::reportDecisions(worker),
          .decisionsMade = worker.decisions().added()};
}

std::string event(const Json& state, uint64_t id) {
  return "event: state\nid: " + std::to_string(id) +
         "\ndata: " + state.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
}

}  // namespace

Watch::Watch(const ProcessView& view, admin::Gatherings& gatherings)
    : view_(view), gatherings_(gatherings), counts_(view.registry), history_(boundsOf(view.registry)) {
  view_.turn.timers.arm(timer_, view_.turn.now + kEvery);
  history_.add(view_.turn.now, counts_.read());
}

void Watch::onSecond() {
  view_.turn.timers.arm(timer_, view_.turn.now + kEvery);
  history_.add(view_.turn.now, counts_.read());
  std::erase_if(readers_, [](const Reader& reader) { return !reader.feed->open(); });
  if (!readers_.empty() && !asking_) ask(true);
}

void Watch::look(const Give& give) {
  gatherings_.ask(report, [this, give](const admin::Gathering::Result& gathered) {
    give(liveJson(view_, history_, gathered, {}));
  });
}

FeedHead Watch::follow(std::shared_ptr<Feed> feed) {
  readers_.push_back({std::move(feed), false});
  if (!asking_) ask(false);
  return {.first = "retry: 2000\n\n"};
}

void Watch::ask(bool everybody) {
  asking_ = true;
  gatherings_.ask(report, [this, everybody](const admin::Gathering::Result& gathered) {
    asking_ = false;
    tell(gathered, everybody);
  });
}

void Watch::tell(const admin::Gathering::Result& gathered, bool everybody) {
  std::string whole;
  std::string fresh;
  const uint64_t id = history_.fineAdded();
  const bool first = std::ranges::none_of(readers_, &Reader::whole);  // nobody was told what is new then
  for (Reader& reader : readers_) {
    if (reader.whole && !everybody) continue;
    std::string& text = reader.whole ? fresh : whole;
    if (text.empty()) text = event(liveJson(view_, history_, gathered, reader.whole ? told_ : Progress()), id);
    reader.whole = reader.feed->send(text);
  }
  if (everybody || first) told_ = progressAt(view_, history_, gathered);
}

}  // namespace outrigger::control::live
