#include "control/discovery/freshness.h"

namespace outrigger::control::discovery {

void Freshness::begin(const std::string& upstream) {
  const auto [at, fresh] = records_.try_emplace(upstream);
  if (fresh) at->second.confirmedAt = turn_.now;
}

std::map<std::string, FreshnessFacts> Freshness::facts() const {
  std::map<std::string, FreshnessFacts> all;
  for (const auto& [upstream, record] : records_) {
    FreshnessFacts& facts = all[upstream] = record.counted;
    facts.age = turn_.now - record.confirmedAt;
  }
  return all;
}

void Freshness::onEndpoints(const std::string& upstream, std::vector<Found> endpoints) {
  begin(upstream);
  Record& record = records_[upstream];
  ++record.counted.applied;
  record.changed = true;
  next_.onEndpoints(upstream, std::move(endpoints));
}

void Freshness::onTrouble(const std::string& upstream, const std::string& why) {
  begin(upstream);
  ++records_[upstream].counted.failed;
  next_.onTrouble(upstream, why);
}

void Freshness::onConfirmed(const std::string& upstream) {
  begin(upstream);
  Record& record = records_[upstream];
  record.confirmedAt = turn_.now;
  if (!std::exchange(record.changed, false)) ++record.counted.unchanged;
  next_.onConfirmed(upstream);
}

}  // namespace outrigger::control::discovery
