#include "proxy/upstream/health_watch.h"

#include <algorithm>

namespace outrigger::upstream {

/// One endpoint's checks: one at a time, and the wait for the next.
class HealthWatch::Look final : private HealthCheckSink {
 public:
  Look(HealthWatch& watch, Endpoint& endpoint) : watch_(watch), endpoint_(endpoint) {
    Turn& turn = watch.tools_.turn;
    turn.timers.arm(timer_, policy::HealthRecord::firstLook(turn.now, watch.settings_, turn.rng));
  }

  const Endpoint& endpoint() const { return endpoint_; }

  /// Other settings: no longer than one new interval until the next look.
  void hurry() {
    const Instant next = nextLook();
    if (timer_.armed() && timer_.due() > next) watch_.tools_.turn.timers.arm(timer_, next);
  }

 private:
  Instant nextLook() const {
    Turn& turn = watch_.tools_.turn;
    return policy::HealthRecord::nextLook(turn.now, watch_.settings_, turn.rng);
  }

  void onTimer() {
    const EndpointTools& tools = watch_.tools_;
    if (!endpoint_.readiness().checks().due(tools.turn.now, watch_.settings_)) {
      return tools.turn.timers.arm(timer_, nextLook());
    }
    HealthCheckSink& self = *this;
    check_ = std::make_unique<HealthCheck>(HealthCheckTools{tools.turn, tools.dialer, tools.scratch, tools.bench},
                                           endpoint_.dialled(), watch_.settings_, watch_.host_, watch_.tls_, self);
  }

  void onChecked(const std::string& failure) override {
    Turn& turn = watch_.tools_.turn;
    turn.graveyard.bury(std::move(check_));
    const auto news = endpoint_.readiness().observe(turn.now, watch_.settings_, failure);
    turn.timers.arm(timer_, nextLook());
    watch_.events_.onChecked(endpoint_, news);
  }

  HealthWatch& watch_;
  Endpoint& endpoint_;
  std::unique_ptr<HealthCheck> check_;
  Timer<Look, &Look::onTimer> timer_{*this};
};

HealthWatch::HealthWatch(EndpointTools tools, HealthWatchEvents& events) : tools_(tools), events_(events) {}

HealthWatch::~HealthWatch() = default;

void HealthWatch::stop() {
  looks_.clear();
}

void HealthWatch::configure(const ClusterSettings& settings, const std::vector<std::unique_ptr<Endpoint>>& endpoints) {
  if (!settings.health || !tools_.checksHealth) return stop();
  settings_ = *settings.health;
  host_ = settings.name;
  tls_ = settings.tls;
  std::vector<std::unique_ptr<Look>> before = std::move(looks_);
  looks_.clear();
  for (const auto& endpoint : endpoints) {
    const auto known = std::ranges::find_if(
        before, [&](const auto& look) { return look != nullptr && &look->endpoint() == endpoint.get(); });
    if (known == before.end()) {
      looks_.push_back(std::make_unique<Look>(*this, *endpoint));
    } else {
      (*known)->hurry();
      looks_.push_back(std::move(*known));
    }
  }
}

}  // namespace outrigger::upstream
