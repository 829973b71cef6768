#include "tests/sim/experiments/fleet.h"

#include <algorithm>
#include <cmath>

namespace outrigger::sim {

using policy::EndpointRecord;
using policy::Grade;
using Kind = policy::EjectionNews::Kind;

// ---- The naive rules

void NaiveSweeps::add(Instant now, size_t endpoint, bool failed, Duration took) {
  if (now >= next_) {
    sweep();
    next_ = now + 10s;
  }
  samples_[endpoint].failed += failed ? 1 : 0;
  samples_[endpoint].times.push_back(took);
}

void NaiveSweeps::sweep() {
  std::vector<Samples> judged;
  std::ranges::copy_if(samples_, std::back_inserter(judged), [](const Samples& s) { return s.times.size() >= 50; });
  samples_.swap(judged);
  if (samples_.size() >= 2) judgeErrors();
  if (samples_.size() >= 2) judgeLatency();
  samples_.assign(std::max(judged.size(), samples_.size()), {});
}

void NaiveSweeps::judgeErrors() {
  const auto count = static_cast<double>(samples_.size());
  std::vector<double> rates;
  double mean = 0;
  double squares = 0;
  for (const Samples& samples : samples_) {
    rates.push_back(1 - static_cast<double>(samples.failed) / static_cast<double>(samples.times.size()));
    mean += rates.back() / count;
  }
  for (const double rate : rates) squares += (rate - mean) * (rate - mean) / count;
  const double least = mean - 1.9 * std::sqrt(squares);
  byErrors_ += static_cast<size_t>(std::ranges::count_if(rates, [least](double rate) { return rate < least; }));
}

void NaiveSweeps::judgeLatency() {
  std::vector<Duration> p99s;
  for (Samples& samples : samples_) {
    const auto at = samples.times.end() - 1 - static_cast<std::ptrdiff_t>(samples.times.size() / 100);
    std::ranges::nth_element(samples.times, at);
    p99s.push_back(*at);
  }
  std::ranges::sort(p99s);
  const Duration bar = p99s[(p99s.size() - 1) / 2] * 3 / 2;
  byLatency_ += static_cast<size_t>(std::ranges::count_if(p99s, [bar](Duration p99) { return p99 > bar; }));
}

// ---- The fleet

Fleet::Fleet(const Setting& setting, uint64_t seed)
    : setting_(setting),
      rng_(seed),
      ejection_(setting.eject),
      balancer_(setting.balance),
      endpoints_(setting.endpoints, Member{.law = setting.law}),
      candidates_(setting.endpoints),
      naive_(setting.endpoints) {
  for (Member& member : endpoints_) {
    ejection_.tune(member.record);
    records_.push_back(&member.record);
  }
}

void Fleet::run(Duration span) {
  const Instant end = now_ + span;
  const Law gap = Law::exponential(Duration(static_cast<int64_t>(1e9 / setting_.perSecond)));
  Instant arrival = now_ + gap.draw(rng_);
  while (true) {
    const Instant completion = underWay_.empty() ? kNever : underWay_.top().when;
    if (std::min(arrival, completion) >= end) break;
    step(arrival, completion);
    if (arrival < completion) arrival = now_ + gap.draw(rng_);
  }
  now_ = end;
}

void Fleet::step(Instant arrival, Instant completion) {
  now_ = std::min(arrival, completion);
  if (ejection_.nextPassing() <= now_) hear(ejection_.advance(now_, records_, rng_));
  if (nextReturn_ <= now_) refreshShares();
  if (arrival < completion) return arrive();
  Request& request = *underWay_.top().request;
  underWay_.pop();
  complete(request);
}

void Fleet::arrive() {
  if (free_.empty()) free_.push_back(&requests_.emplace_back());
  Request& request = *free_.back();
  free_.pop_back();
  request.endpoint = *balancer_.pick(candidates_, {}, rng_);
  Member& member = endpoints_[request.endpoint];
  request.failed = member.failing > 0 && rng_.chance(member.failing);
  request.start = now_;
  request.ejections = member.record.ejections();
  ++candidates_[request.endpoint].inFlight;
  ejection_.begin(now_, member.record, request.age);
  underWay_.push({now_ + member.law.draw(rng_), &request});
}

void Fleet::complete(Request& request) {
  EndpointRecord& record = *records_[request.endpoint];
  --candidates_[request.endpoint].inFlight;
  naive_.add(now_, request.endpoint, request.failed, now_ - request.start);
  const bool judged = request.ejections != record.ejections();
  const Grade grade = !request.failed ? Grade::Success : judged ? Grade::Neutral : Grade::Failure;
  const double before = record.share();
  const auto news = ejection_.observe(now_, record, records_, grade, request.age, rng_);
  if (!news.empty() || record.share() != before) hear(news);
  free_.push_back(&request);
}

void Fleet::hear(policy::Ejection::News news) {
  for (const policy::EjectionNews& each : news) {
    const auto endpoint = static_cast<size_t>(std::ranges::find(records_, each.endpoint) - records_.begin());
    if (each.kind == Kind::Ejected) ejected_.push_back({now_, endpoint, each.cause});
    if (each.kind == Kind::Suspected) ++suspicions_;
  }
  refreshShares();
}

void Fleet::refreshShares() {
  nextReturn_ = kNever;
  for (size_t i = 0; i < records_.size(); ++i) {
    ejection_.refresh(now_, *records_[i]);
    candidates_[i].share = records_[i]->share();
    if (records_[i]->state() == EndpointRecord::State::Ejected) {
      nextReturn_ = std::min(nextReturn_, records_[i]->ejectedUntil());
    }
  }
}

Duration Fleet::untilEjected(size_t endpoint, Instant since) const {
  for (const Ejected& each : ejected_) {
    if (each.endpoint == endpoint && each.when >= since) return each.when - since;
  }
  return Duration::max();
}

}  // namespace outrigger::sim
