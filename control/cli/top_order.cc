#include "control/cli/top_order.h"

#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "control/cli/found_in.h"
#include "control/cli/status_text.h"
#include "proxy/base/bytes.h"

namespace outrigger::control::cli {
namespace {

constexpr double kSuspected = 6.9;  // of `slow_score`, as ejection has it

// In steps, so that rows do not change places with every request.
int gradeOf(double failing) {
  constexpr std::array<double, 4> kSteps{0.001, 0.01, 0.1, 0.5};
  int grade = 0;
  for (const double step : kSteps) grade += failing >= step ? 1 : 0;
  return grade;
}

int outOf(const std::string& state) {
  if (state == "unhealthy") return 4;
  if (state == "ejected") return 3;
  if (state == "draining") return 2;
  return state == "returning" ? 1 : 0;
}

// Higher is worse.
struct EndpointTrouble {
  int out = 0;
  int failing = 0;
  int slow = 0;

  auto operator<=>(const EndpointTrouble&) const = default;
  bool any() const { return out > 0 || failing > 0 || slow > 0; }
};

EndpointTrouble troubleOf(const Json& endpoint) {
  const Json& recent = in(endpoint, "recent");
  const double requests = numberIn(recent, "requests");
  const double score = numberIn(endpoint, "slow_score");
  EndpointTrouble trouble;
  trouble.out = outOf(textIn(endpoint, "state"));
  trouble.failing = requests > 0 ? gradeOf(numberIn(recent, "failures") / requests) : 0;
  trouble.slow = score >= kSuspected ? 1 + static_cast<int>(std::min(score, 100.0)) : 0;
  return trouble;
}

struct UpstreamTrouble {
  int open = 0;
  int failing = 0;
  EndpointTrouble worst;

  // What is out comes before what fails: an ejected endpoint explains the failures.
  auto key() const { return std::tuple(open, worst.out, std::max(failing, worst.failing), worst.slow); }
  bool any() const { return open > 0 || failing > 0 || worst.any(); }
};

UpstreamTrouble troubleOf(const Json& upstream, const std::vector<Standing>& endpoints) {
  UpstreamTrouble trouble;
  trouble.open = breakerRank(upstream);
  for (const Json& route : listIn(upstream, "routes")) {
    trouble.open = std::max(trouble.open, breakerRank(route));
  }
  const Json& success = in(in(upstream, "now"), "success");
  if (success.is_number()) trouble.failing = gradeOf(1 - success.get<double>());
  for (const Standing& endpoint : endpoints) {
    const EndpointTrouble one = troubleOf(*endpoint.json);
    trouble.worst = {.out = std::max(trouble.worst.out, one.out),
                     .failing = std::max(trouble.worst.failing, one.failing),
                     .slow = std::max(trouble.worst.slow, one.slow)};
  }
  return trouble;
}

}  // namespace

std::vector<StandingUpstream> byTrouble(const Json& state) {
  std::map<std::string, std::vector<Standing>> endpoints;
  for (const Json& endpoint : listIn(state, "endpoints")) {
    endpoints[textIn(endpoint, "upstream")].push_back({&endpoint, troubleOf(endpoint).any()});
  }
  std::vector<std::tuple<UpstreamTrouble, std::string, StandingUpstream>> found;
  for (const Json& upstream : listIn(state, "upstreams")) {
    const std::string name = textIn(upstream, "name");
    std::vector<Standing> own = endpoints[name];
    std::ranges::stable_sort(own, std::greater<>(), [](const Standing& one) { return troubleOf(*one.json); });
    const UpstreamTrouble trouble = troubleOf(upstream, own);
    found.emplace_back(trouble, name, StandingUpstream{{&upstream, trouble.any()}, std::move(own)});
  }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) {
    const auto left = std::get<0>(a).key(), right = std::get<0>(b).key();
    return left != right ? left > right : std::get<1>(a) < std::get<1>(b);
  });
  std::vector<StandingUpstream> sorted;
  for (auto& [trouble, name, upstream] : found) sorted.push_back(std::move(upstream));
  return sorted;
}

}  // namespace outrigger::control::cli
