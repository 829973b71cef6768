#include "tests/support/sim/callers.h"

#include <algorithm>
#include <cmath>

namespace outrigger::sim {

Callers::Callers(World& world, Sidecar& sidecar, Load load)
    : world_(world),
      load_(std::move(load)),
      rng_(world.loop().turn().rng.next()),
      lines_(world.loop(), [&sidecar] { return sidecar.open(Direction::Outbound); }) {}

Callers::Callers(World& world, const Address& address, Load load)
    : world_(world),
      load_(std::move(load)),
      rng_(world.loop().turn().rng.next()),
      lines_(world.loop(), [&world, address] { return world.network().open(address); }) {}

Callers::~Callers() {
  *alive_ = false;
}

void Callers::start(Duration span) {
  const Instant now = world_.loop().now();
  if (samples_.empty()) begun_ = now;
  sendsUntil_ = now + span;
  sending_ = true;
  send();
}

bool Callers::finish(Duration limit) {
  return world_.runUntil([this] { return !sending_ && ended_ == samples_.size(); }, limit);
}

void Callers::run(Duration span) {
  start(span);
  world_.run(span);
  finish();
}

void Callers::send() {
  if (world_.loop().now() >= sendsUntil_) {
    sending_ = false;
    return;
  }
  const size_t index = samples_.size();
  samples_.push_back({.sentAt = world_.loop().now()});
  const double mean = 1e9 / load_.perSecond;
  const double gap = load_.even ? mean : -mean * std::log(1 - rng_.unit());
  in(Duration(static_cast<int64_t>(gap)), [this] { send(); });
  Lines::Line* line = ask(index, false);
  if (line == nullptr) return end(index, 0, "refused");
  races_[index].first = line;
  if (load_.patience != Duration::max()) in(load_.patience, [this, index] { leave(index); });
  if (load_.hedgeAfter != Duration::max()) in(load_.hedgeAfter, [this, index] { hedge(index); });
}

Lines::Line* Callers::ask(size_t index, bool again) {
  octets_ = load_.method + " " + load_.target + " HTTP/1.1\r\nhost: " + load_.host + "\r\n";
  const uint64_t number = load_.firstNumber + index;
  octets_.append(kNumberHeader).append(": ").append(std::to_string(number)).append("\r\n");
  if (load_.fields) load_.fields(octets_, number);
  if (!load_.body.empty()) octets_ += "content-length: " + std::to_string(load_.body.size()) + "\r\n";
  octets_ += "\r\n" + load_.body;
  return lines_.ask(octets_, [this, index, again](std::optional<Message> answer) { onAnswer(index, again, answer); });
}

void Callers::onAnswer(size_t index, bool again, const std::optional<Message>& answer) {
  const auto race = races_.find(index);
  Lines::Line*& own = again ? race->second.second : race->second.first;
  Lines::Line* const other = again ? race->second.first : race->second.second;
  own = nullptr;
  const bool good = answer && answer->status() / 100 == 2;
  if (other != nullptr) {
    if (!good) return;  // the other may do better
    lines_.leave(*other);
  }
  races_.erase(race);
  if (!answer) return end(index, 0, "cut");
  end(index, answer->status(), good ? "" : std::string(answer->field("outrigger-reason")));
}

void Callers::hedge(size_t index) {
  const auto race = races_.find(index);
  if (race == races_.end()) return;
  ++hedges_;
  race->second.second = ask(index, true);
}

void Callers::leave(size_t index) {
  const auto race = races_.find(index);
  if (race == races_.end()) return;
  if (race->second.first != nullptr) lines_.leave(*race->second.first, load_.leavesBy);
  if (race->second.second != nullptr) lines_.leave(*race->second.second, load_.leavesBy);
  races_.erase(race);
  end(index, 0, "left");
}

void Callers::end(size_t index, int status, const std::string& why) {
  Sample& sample = samples_[index];
  sample.took = world_.loop().now() - sample.sentAt;
  sample.status = status;
  sample.ended = true;
  ++ended_;
  if (why.empty()) return;
  const auto known = std::ranges::find(whys_, why);
  sample.why = static_cast<uint16_t>(known - whys_.begin());
  if (known == whys_.end()) whys_.push_back(why);
}

void Callers::in(Duration span, std::function<void()> event) {
  world_.loop().in(span, [alive = alive_, run = std::move(event)] {
    if (*alive) run();
  });
}

template <class Each>
void Callers::forEach(Duration from, Duration to, Each&& each) const {
  for (const Sample& sample : samples_) {
    const Duration at = sample.sentAt - begun_;
    if (at >= from && at < to) each(sample, at);
  }
}

Callers::Tally Callers::tally(Duration from, Duration to) const {
  Tally tally;
  forEach(from, to, [&](const Sample& sample, Duration) { count(tally, sample); });
  return tally;
}

std::vector<Callers::Tally> Callers::tallies(Duration each) const {
  std::vector<Tally> tallies;
  forEach(Duration::zero(), Duration::max(), [&](const Sample& sample, Duration at) {
    const auto span = static_cast<size_t>(at / each);
    if (tallies.size() <= span) tallies.resize(span + 1);
    count(tallies[span], sample);
  });
  return tallies;
}

void Callers::count(Tally& tally, const Sample& sample) const {
  ++tally.sent;
  if (sample.good()) {
    ++tally.good;
  } else {
    ++tally.bad[sample.ended ? std::to_string(sample.status) + " " + whys_[sample.why] : "no answer"];
  }
}

Duration Callers::percentile(double percent, Duration from, Duration to) const {
  std::vector<Duration> took;
  forEach(from, to, [&](const Sample& sample, Duration) {
    if (sample.good()) took.push_back(sample.took);
  });
  if (took.empty()) return {};
  const auto rank = static_cast<size_t>(std::ceil(percent / 100 * static_cast<double>(took.size())));
  const auto at = took.begin() + static_cast<ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::ranges::nth_element(took, at);
  return *at;
}

std::string Callers::failures() const {
  std::string out;
  for (const auto& [why, count] : tally().bad) out += why + ": " + std::to_string(count) + "\n";
  return out;
}

}  // namespace outrigger::sim
