// For tests of discovery: a service that changes at random under an API server that forgets and cuts, and a watch on
// how soon each change is known. Over any loop, in virtual time or real.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "control/discovery/kubernetes_source.h"
#include "tests/support/fake_kubernetes.h"

namespace outrigger::testing {

class DiscoveryRun final : public control::discovery::SourceEvents {
 public:
  /// Makes `events` changes, each once the one before is known and a while has passed, at most `rest`.
  DiscoveryRun(Turn& turn, FakeKubernetes& kubernetes, int events, Duration rest, std::function<void()> done)
      : turn_(turn), kubernetes_(kubernetes), left_(events), rest_(rest), done_(std::move(done)) {
    for (int i = 0; i < kSlices; ++i) pods_[i].insert(i);
    for (int i = 0; i < kSlices; ++i) put(i);
  }

  /// From a change to the moment when the list is right again; sorted at the end.
  std::vector<Duration> latencies;
  int wrong = 0;     ///< lists that were told while a change was under way, and were neither the old nor the new truth
  int troubles = 0;  ///< that were told
  int cuts = 0;
  int forgettings = 0;

  Duration quantile(double q) const {
    return latencies[static_cast<size_t>(q * static_cast<double>(latencies.size() - 1))];
  }

 private:
  static constexpr int kSlices = 5;

  void onEndpoints(const std::string&, std::vector<control::discovery::Found> endpoints) override {
    std::set<std::string> heard;
    for (const auto& found : endpoints) heard.insert(found.address.text());
    const std::set<std::string> now = truth();
    if (heard != now && heard != before_) ++wrong;
    if (heard != now || !changedAt_) return;
    latencies.push_back(turn_.now - *changedAt_);
    changedAt_.reset();
    next();
  }
  void onTrouble(const std::string&, const std::string&) override { ++troubles; }
  void onConfirmed(const std::string&) override {
    if (latencies.empty() && !changedAt_ && !nextTimer_.armed()) next();  // the first list
  }

  void next() {
    if (left_ == 0) {
      std::ranges::sort(latencies);
      return done_();
    }
    turn_.timers.arm(nextTimer_, turn_.now + turn_.rng.between(Duration::zero(), rest_));
  }

  void onNext() {
    --left_;
    before_ = truth();
    changedAt_ = turn_.now;
    const uint64_t dice = turn_.rng.below(100);
    if (dice < 15) {
      ++cuts;
      kubernetes_.cut();
    }
    change();
    if (dice >= 85) {
      ++forgettings;
      kubernetes_.forget();
    }
  }

  // Always to another truth, and never to an empty one.
  void change() {
    const int slice = static_cast<int>(turn_.rng.below(kSlices));
    const int pod = static_cast<int>(turn_.rng.below(kPods)) * kSlices + slice;
    std::set<int>& pods = pods_[slice];
    if (pods.erase(pod) == 0) pods.insert(pod);
    if (pods.empty() && turn_.rng.chance(0.5)) {
      if (!truth().empty()) return kubernetes_.remove("slice" + std::to_string(slice));
    }
    if (truth().empty()) pods.insert(slice + kSlices * (pod == slice ? 1 : 0));
    put(slice);
  }

  void put(int slice) {
    std::vector<FakeEndpoint> endpoints;
    for (const int pod : pods_[slice]) endpoints.push_back({hostOf(pod)});
    kubernetes_.put("slice" + std::to_string(slice), endpoints);
  }

  static std::string hostOf(int pod) { return "10.0.0." + std::to_string(pod + 1); }

  std::set<std::string> truth() const {
    std::set<std::string> all;
    for (const std::set<int>& pods : pods_) {
      for (const int pod : pods) all.insert(hostOf(pod) + ":8080");
    }
    return all;
  }

  static constexpr int kPods = 8;  // that a slice may have

  Turn& turn_;
  FakeKubernetes& kubernetes_;
  int left_;
  const Duration rest_;
  std::function<void()> done_;
  std::array<std::set<int>, kSlices> pods_;
  std::set<std::string> before_;
  std::optional<Instant> changedAt_;
  Timer<DiscoveryRun, &DiscoveryRun::onNext> nextTimer_{*this};
};

}  // namespace outrigger::testing
