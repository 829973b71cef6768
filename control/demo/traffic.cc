#include "control/demo/traffic.h"

#include <algorithm>

namespace outrigger::control::demo {

/// One request, from the question for a stream to the end of its answer.
class Traffic::Call final : private upstream::Waiter, private upstream::ResponseSink {
 public:
  Call(Traffic& traffic, size_t service) : traffic_(traffic), service_(service) {
    head_.method = http::Method::Get;
    head_.methodText = "GET";
    head_.authority = traffic.services_[service];
    head_.path = "/";
  }
  void start() { traffic_.sidecar_->acquire(*this); }

 private:
  void onLease() override {
    upstream::UpstreamStream& stream = lease().stream();
    stream.attach(*this);
    stream.sendHead(head_, {});
    stream.sendEnd({});
  }
  void onRefused(const upstream::Refusal&) override { end(false); }
  std::span<const uint32_t> tried() const override { return {}; }
  upstream::RouteState& route() override { return *traffic_.route_; }
  bool unrepeatable() const override { return false; }
  void onEndpointChosen(const upstream::Endpoint&) override {}

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead& head) override { good_ = head.status < 400; }
  void onResponseBody(Bytes) override {}
  void onResponseEnd(http::FieldList) override { end(good_); }
  void onStreamLost(const Error&, bool) override { end(false); }
  void onRequestDrained() override {}

  void end(bool good) {
    Seen& seen = traffic_.seen_[service_];
    (good ? seen.good : seen.bad).fetch_add(1, std::memory_order_relaxed);
    withdraw();
    traffic_.remove(*this);
  }

  Traffic& traffic_;
  size_t service_;
  http::RequestHead head_;
  bool good_ = false;
};

Traffic::Traffic(const Address& through, std::vector<std::string> services, double perSecond)
    : services_(std::move(services)),
      seen_(services_.size()),
      gap_(static_cast<int64_t>(1e9 / perSecond)),
      loop_(net::randomSeed()) {
  auto settings = std::make_shared<upstream::ClusterSettings>();
  settings->name = "sidecar";
  settings->endpoints = {{through, through}};
  settings->policy.breaker.reset();
  settings->policy.eject.reset();
  settings->requests = std::make_shared<policy::SharedLimit>();
  upstream::ClusterEvents& events = *this;
  sidecar_ = std::make_unique<upstream::Cluster>(
      upstream::EndpointTools{loop_.turn(), loop_, scratch_, bench_, series_}, std::move(settings), events);
  route_ = sidecar_->route("demo");
}

Traffic::~Traffic() {
  if (!thread_.joinable()) return;
  loop_.mailbox().post([this] {
    tick_.disarm();
    calls_.clear();
    sidecar_.reset();
    loop_.stop();
  });
  thread_.join();
}

void Traffic::start() {
  nextTick_ = loop_.turn().now;
  loop_.turn().timers.arm(tick_, nextTick_);
  thread_ = std::thread([this] { loop_.run(); });
}

void Traffic::onTick() {
  for (; nextTick_ <= loop_.turn().now; nextTick_ += gap_) {
    for (size_t service = 0; service < services_.size(); ++service) launch(service);
  }
  loop_.turn().timers.arm(tick_, nextTick_);
}

void Traffic::launch(size_t service) {
  calls_.push_back(std::make_unique<Call>(*this, service));
  calls_.back()->start();
}

void Traffic::remove(Call& call) {
  const auto at = std::ranges::find(calls_, &call, &std::unique_ptr<Call>::get);
  loop_.turn().graveyard.bury(std::move(*at));
  calls_.erase(at);
}

}  // namespace outrigger::control::demo
