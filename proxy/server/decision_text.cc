#include "proxy/server/decision_text.h"

#include <cmath>

namespace outrigger::server {
namespace {

using Kind = policy::EjectionNews::Kind;

std::string share(const policy::RateWindow::Counts& counts) {
  return grouped(counts.failed) + " of " + grouped(counts.total);
}

std::string times(uint32_t percent) {
  std::string text = std::to_string(percent / 100);
  if (percent % 100 != 0) text += "." + std::to_string(percent % 100 / 10);
  if (percent % 10 != 0) text += std::to_string(percent % 10);
  return text;
}

std::string slowText(const policy::EjectionNews& news) {
  return grouped(news.slow) + " of the last " + grouped(news.answers) + " requests took longer than " +
         spanText(news.bar) + " (" + times(news.barPercent) + " x the endpoints' p99)";
}

std::string because(const policy::EjectionNews& news) {
  std::string text;
  switch (news.cause) {
    case policy::EjectCause::Consecutive:
      text = grouped(news.run) + (news.run == 1 ? " failure" : " failures");
      return text + (news.returning ? " while it was returning" : " in a row");
    case policy::EjectCause::Errors:
      text = share(news.rates.mine) + " requests failed, the better half of the others " + share(news.rates.others) +
             " (chance alone: " + chanceText(news.rates.chance) + ")";
      break;
    case policy::EjectCause::Latency: text = slowText(news); break;
    case policy::EjectCause::Health: text = "its health checks fail"; break;
  }
  return text + (news.returning ? ", while it was returning" : "");
}

}  // namespace

std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string spanText(Duration span) {
  if (span >= 10s) {
    const auto seconds = static_cast<uint64_t>(span / 1s);
    if (seconds < 120) return std::to_string(seconds) + " s";
    return grouped(seconds / 60) + " m" + (seconds % 60 == 0 ? "" : " " + std::to_string(seconds % 60) + " s");
  }
  const int64_t tenths = std::chrono::duration_cast<std::chrono::microseconds>(span).count() / 100;
  if (tenths >= 100) return grouped(static_cast<uint64_t>(tenths / 10)) + " ms";
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " ms";
}

std::string chanceText(double chance) {
  if (chance < 1e-300) return "less than 1 in 10^300";
  return "1 in 10^" + std::to_string(static_cast<int>(std::floor(-std::log10(chance))));
}

std::string callerText(const PeerInfo& peer) {
  return peer.identity.empty() ? "a caller without an identity at " + peer.address.text() : peer.identity;
}

std::string ruleText(Bytes rule) {
  return rule.empty() ? "whom no access rule allows" : "by the access rule " + std::string(rule);
}

std::string panicText(const upstream::Cluster& cluster, bool panics) {
  size_t out = 0;
  cluster.endpoints().forEach([&out](const upstream::Endpoint& endpoint, const policy::Candidate&) {
    const auto state = endpoint.state();
    out += state != upstream::EndpointState::Healthy && state != upstream::EndpointState::Returning ? 1 : 0;
  });
  const std::string counts =
      grouped(out) + " of " + grouped(cluster.endpoints().size()) + " endpoints of " + cluster.name();
  return counts + (panics ? " are out, which leaves too few: all are used, each by its recent success"
                          : " are out, the others are enough again");
}

std::string ejectionText(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                         const policy::EjectionNews& news, Instant now) {
  const bool would = cluster.settings().policy.mode == policy::Mode::Observe;
  const std::string who = endpoint.address().text() + " of " + cluster.name();
  switch (news.kind) {
    case Kind::Ejected: {
      const std::string span = spanText(endpoint.record().ejectedUntil() - now);
      return (would ? "would eject " + who : who + " ejected") + " for " + span + ": " + because(news);
    }
    case Kind::Suspected:
      return (would ? "would give " + who + " a quarter of its share: " : who + " gets a quarter of its share: ") +
             slowText(news);
    case Kind::Cleared:
      return who + (would ? " would get its share again" : " gets its share again") + ": it is slow no longer";
    case Kind::FleetSlow:
      return cluster.name() + " is slow as a whole, nobody is suspected: at " + endpoint.address().text() + " " +
             slowText(news) + ", and " + std::to_string(news.others) +
             (news.others == 1 ? " other is" : " others are") + " as slow";
  }
  return who;
}

}  // namespace outrigger::server
