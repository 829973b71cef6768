// Knows where the endpoints are of upstreams whose endpoints are looked up: has a source for each, keeps what it found,
// and asks for a new snapshot when that has changed. What was found outlives a reload that leaves the upstream's source
// as it is. The control thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "config/model.h"
#include "control/discovery/source.h"
#include "control/log.h"
#include "proxy/base/turn.h"

namespace outrigger::control::discovery {

/// How it stands with one upstream.
struct Standing {
  std::string source;                 ///< "dns orders.shop:8080", "kubernetes shop/orders:http"
  std::optional<Instant> knownSince;  ///< when what is known was confirmed last; nullopt: nothing is
  std::string trouble;                ///< why nothing newer is known; empty: nothing is wrong
  uint64_t applied = 0;               ///< answers with other endpoints
  uint64_t unchanged = 0;             ///< answers with the same
  uint64_t failed = 0;                ///< times that trouble began
};

class Discovery final : private SourceEvents {
 public:
  /// nullptr: there is nothing that could follow this upstream.
  using MakeSource = std::function<std::unique_ptr<Source>(const config::UpstreamModel&, SourceEvents&)>;

  /// Changes that come this close together are told as one.
  static constexpr Duration kGathering = 50ms;

  /// `changed` is called when found() has changed, never from inside a call to us.
  Discovery(Turn& turn, Log& log, MakeSource make, std::function<void()> changed);

  /// From now on, the upstreams of this model.
  void follow(const config::Model& model);

  /// What is known of the model's upstreams: also before it is followed, where their sources stay what they are.
  FoundEndpoints foundFor(const config::Model& model) const;
  /// By upstream.
  std::map<std::string, Standing> standings() const;

 private:
  struct Followed {
    std::optional<config::DnsModel> dns;
    std::optional<config::KubernetesModel> kubernetes;
    Standing standing;
    std::optional<std::vector<Found>> found;
    std::unique_ptr<Source> source;  // last: it dies first

    bool follows(const config::UpstreamModel& upstream) const {
      return dns == upstream.dns && kubernetes == upstream.kubernetes;
    }
  };

  std::unique_ptr<Followed> begin(const config::UpstreamModel& upstream);
  void onEndpoints(const std::string& upstream, std::vector<Found> endpoints) override;
  void onTrouble(const std::string& upstream, const std::string& why) override;
  void onConfirmed(const std::string& upstream) override;
  void onAdvice(const std::string& upstream, const std::string& advice) override;
  void confirm(const std::string& upstream, Followed& followed);
  void tell();

  Turn& turn_;
  Log& log_;
  const MakeSource make_;
  const std::function<void()> changed_;
  std::map<std::string, std::unique_ptr<Followed>, std::less<>> followed_;  // by upstream
  Instant toldAt_{};
  Timer<Discovery, &Discovery::tell> gathering_{*this};
};

}  // namespace outrigger::control::discovery
