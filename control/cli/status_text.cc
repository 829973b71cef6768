#include "control/cli/status_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "control/cli/found_in.h"
#include "control/cli/spoken.h"

namespace outrigger::control::cli {
namespace {

constexpr size_t kDecisionsShown = 5;
// From so many requests on, half of which failed, an endpoint is in trouble though nothing has taken it out.
constexpr uint64_t kTellingRequests = 10;

/// "12 s" since `when`, as the sidecar's clock has it; "?" where one of the two cannot be read.
std::string ageText(const Json& status, const std::string& when) {
  const auto now = readTime(textIn(status, "time"));
  const auto then = readTime(when);
  return now && then ? spanText(*now - *then) : "?";
}

// ---- Upstreams

bool isOut(const Json& endpoint) {
  const std::string state = textIn(endpoint, "state");
  return state != "healthy" && state != "returning";
}

// "2/3", and what those that are out are: "2/3, 1 ejected".
std::string endpointsCell(const Json& upstream) {
  const Json& endpoints = listIn(upstream, "endpoints");
  std::vector<std::pair<std::string, size_t>> out;
  size_t usable = 0;
  for (const Json& endpoint : endpoints) {
    if (!isOut(endpoint)) {
      ++usable;
      continue;
    }
    const std::string state = textIn(endpoint, "state");
    const auto known = std::ranges::find(out, state, &std::pair<std::string, size_t>::first);
    if (known == out.end()) {
      out.emplace_back(state, 1);
    } else {
      ++known->second;
    }
  }
  std::string cell = std::to_string(usable) + "/" + std::to_string(endpoints.size());
  for (const auto& [state, count] : out) cell += ", " + std::to_string(count) + " " + state;
  return cell;
}

std::string percentText(double share) {
  std::array<char, 32> text;
  const int size = std::snprintf(text.data(), text.size(), share == 1 ? "100 %%" : "%.1f %%", 100 * share);
  return {text.data(), static_cast<size_t>(size)};
}

std::string successCell(uint64_t requests, uint64_t failures) {
  if (requests == 0) return "-";
  return percentText(static_cast<double>(requests - std::min(failures, requests)) / static_cast<double>(requests));
}

// "20 of 20 requests failed"; empty: too few to speak of.
std::string failuresText(const Json& endpoint) {
  const uint64_t requests = countIn(in(endpoint, "recent"), "requests");
  const uint64_t failures = countIn(in(endpoint, "recent"), "failures");
  if (requests < kTellingRequests || failures < requests - failures) return {};
  return std::to_string(failures) + " of " + std::to_string(requests) + " requests failed";
}

// Open, and its time is over: whoever calls next probes it, and until then nobody is refused.
bool awaitsProbe(const Json& json) {
  return textIn(json, "breaker") == "open" && json.contains("open_for_ms") && numberIn(json, "open_for_ms") <= 0;
}

// ---- What is wrong

void addProcessTroubles(std::vector<std::string>& found, const StatusPages& pages) {
  const Json& config = in(pages.status, "config");
  if (in(config, "newest_is_in_effect") == false) {
    found.push_back("the newest config was rejected, an older one is in effect: " + textIn(config, "error"));
  }
  for (const Json& blocker : listIn(pages.status, "blockers")) {
    found.push_back("it is not ready: " + (blocker.is_string() ? blocker.get<std::string>() : blocker.dump()));
  }
  const size_t silent = listIn(pages.upstreams, "silent_workers").size();
  if (silent > 0) found.push_back(counted(silent, "worker") + " did not answer within 2 s");
}

void addUpstreamTroubles(std::vector<std::string>& found, const Json& upstream) {
  const std::string name = textIn(upstream, "name");
  const Json& routes = listIn(upstream, "routes");
  if (routes.empty() && breakerRank(upstream) > 0) {
    found.push_back(name + ": its breaker is " + textIn(upstream, "breaker"));
  }
  for (const Json& route : routes) {
    if (breakerRank(route) == 0) continue;
    found.push_back(name + ": its breaker of the route " + textIn(route, "route") + " is " + textIn(route, "breaker"));
  }
  const Json& endpoints = listIn(upstream, "endpoints");
  if (endpoints.empty()) found.push_back(name + ": it has no endpoints");
  for (const Json& endpoint : endpoints) {
    const std::string called = name + ": " + textIn(endpoint, "address");
    if (isOut(endpoint)) {
      found.push_back(called + " is " + endpointStateText(endpoint));
    } else if (const std::string failures = failuresText(endpoint); !failures.empty()) {
      found.push_back(called + ": " + failures);
    }
  }
  const std::string trouble = textIn(in(upstream, "source"), "trouble");
  if (!trouble.empty()) found.push_back(name + ": its endpoints cannot be looked up: " + trouble);
}

// ---- The screen

std::string headline(const Json& status) {
  std::string text = "outrigger " + textIn(status, "version") + ", process " + std::to_string(countIn(status, "pid")) +
                     ", up " + spanText(spanIn(status, "uptime_ms")) + ", " + textIn(status, "state");
  text += in(status, "ready") == true ? ", ready" : ", not ready";
  return harmless(text) + "\n";
}

std::string configLines(const Json& status) {
  const Json& config = in(status, "config");
  const Json& reloads = in(config, "reloads");
  std::string text = "config     " + textIn(config, "file") + ", hash " + textIn(config, "hash").substr(0, 8) +
                     ", applied " + ageText(status, textIn(config, "applied_at")) +
                     " ago; reloads: " + std::to_string(countIn(reloads, "applied")) + " applied, " +
                     std::to_string(countIn(reloads, "rejected")) + " rejected";
  return harmless(text) + "\n";
}

std::string loadLines(const Json& status) {
  uint64_t requests = 0, inbound = 0, outbound = 0;
  const Json& workers = listIn(status, "workers");
  for (const Json& worker : workers) {
    requests += countIn(worker, "requests_in_flight");
    inbound += countIn(worker, "inbound_connections");
    outbound += countIn(worker, "outbound_connections");
  }
  std::string text = "in flight  " + counted(requests, "request") + " on " + counted(workers.size(), "worker") +
                     "; connections: " + std::to_string(inbound) + " inbound, " + std::to_string(outbound) +
                     " outbound\n";
  const uint64_t dropped = countIn(status, "log_lines_dropped");
  if (dropped > 0) text += "log        " + counted(dropped, "line") + " dropped: who reads stdout or stderr is slow\n";
  return text;
}

std::string listenerLines(const Json& status) {
  std::string text;
  const char* title = "listening  ";
  for (const auto& [name, address] : in(status, "listeners").items()) {
    text += title + harmless(name + " " + (address.is_string() ? address.get<std::string>() : "?")) + "\n";
    title = "           ";
  }
  return text;
}

std::string decisionLines(const StatusPages& pages) {
  const Json& decisions = listIn(pages.decisions, "decisions");
  if (decisions.empty()) return {};
  std::string text = "\nthe last decisions, newest first\n";
  for (size_t i = 0; i < std::min(kDecisionsShown, decisions.size()); ++i) {
    text += "  " + ageText(pages.status, textIn(decisions[i], "time")) +
            " ago: " + harmless(textIn(decisions[i], "text")) + "\n";
  }
  return text;
}

// Of several lines, the first behind "wrong:", the others below it.
std::string troubleLines(const StatusPages& pages) {
  std::string text;
  for (std::string trouble : troubles(pages)) {
    while (trouble.ends_with('\n')) trouble.pop_back();
    trouble = harmless(trouble, true);
    for (size_t at = trouble.find('\n'); at != std::string::npos; at = trouble.find('\n', at + 1)) {
      trouble.insert(at + 1, "           ");
    }
    text += "wrong      " + trouble + "\n";
  }
  return text;
}

}  // namespace

std::string breakerText(const Json& json) {
  const std::string word = textIn(json, "breaker");
  if (awaitsProbe(json)) return "open; the next request probes it";
  return word == "open" ? "open, " + spanText(spanIn(json, "open_for_ms")) + " left" : word;
}

int breakerRank(const Json& json) {
  const std::string word = textIn(json, "breaker");
  if (awaitsProbe(json)) return 0;
  return word == "open" ? 2 : word == "half-open" ? 1 : 0;
}

std::string breakerCell(const Json& upstream) {
  for (const Json& route : listIn(upstream, "routes")) {
    if (textIn(route, "breaker") != "closed") return breakerText(route) + ", route " + textIn(route, "route");
  }
  return in(upstream, "has_breaker") == false ? "no breaker" : breakerText(upstream);
}

std::string endpointStateText(const Json& endpoint) {
  std::string cell = textIn(endpoint, "state");
  const bool byHand = in(endpoint, "by_hand") == true;
  if (byHand) cell += " by hand";
  if (const Duration left = spanIn(endpoint, "ejected_for_ms"); left > Duration::zero()) {
    cell += ", " + spanText(left) + " left";
  } else if (byHand) {
    cell += " until restored";
  }
  if (const std::string failures = failuresText(endpoint); !failures.empty()) cell += ", " + failures;
  return cell;
}

std::vector<std::string> troubles(const StatusPages& pages) {
  std::vector<std::string> found;
  addProcessTroubles(found, pages);
  for (const Json& upstream : listIn(pages.upstreams, "upstreams")) addUpstreamTroubles(found, upstream);
  return found;
}

TextTable upstreamTable(const Json& upstreams) {
  TextTable table({{"upstream"},
                   {"breaker"},
                   {"endpoints"},
                   {"success", true},
                   {"p99", true},
                   {"in flight", true},
                   {"waiting", true},
                   {"retry tokens", true}});
  for (const Json& upstream : listIn(upstreams, "upstreams")) {
    uint64_t requests = 0, failures = 0, inFlight = 0;
    double p99 = 0;
    for (const Json& endpoint : listIn(upstream, "endpoints")) {
      requests += countIn(in(endpoint, "recent"), "requests");
      failures += countIn(in(endpoint, "recent"), "failures");
      inFlight += countIn(endpoint, "in_flight");
      p99 = std::max(p99, numberIn(endpoint, "p99_ms"));
    }
    table.add({textIn(upstream, "name"), breakerCell(upstream), endpointsCell(upstream),
               successCell(requests, failures), latencyText(p99), std::to_string(inFlight),
               std::to_string(countIn(upstream, "pending")), std::to_string(countIn(upstream, "retry_tokens"))});
  }
  return table;
}

TextTable endpointTable(const Json& upstreams, const std::string& only) {
  TextTable table({{"upstream"},
                   {"endpoint"},
                   {"state"},
                   {"weight", true},
                   {"ramp", true},
                   {"in flight", true},
                   {"success", true},
                   {"p99", true},
                   {"failures in a row", true},
                   {"ejections", true}});
  for (const Json& upstream : listIn(upstreams, "upstreams")) {
    const std::string name = textIn(upstream, "name");
    if (!only.empty() && name != only) continue;
    for (const Json& endpoint : listIn(upstream, "endpoints")) {
      const Json& recent = in(endpoint, "recent");
      table.add({name, textIn(endpoint, "address"), endpointStateText(endpoint),
                 std::to_string(countIn(endpoint, "weight")), percentText(numberIn(endpoint, "share")),
                 std::to_string(countIn(endpoint, "in_flight")),
                 successCell(countIn(recent, "requests"), countIn(recent, "failures")),
                 latencyText(numberIn(endpoint, "p99_ms")), std::to_string(countIn(endpoint, "failures_in_a_row")),
                 std::to_string(countIn(endpoint, "ejections"))});
    }
  }
  return table;
}

std::string statusText(const StatusPages& pages) {
  std::string text = headline(pages.status) + troubleLines(pages) + configLines(pages.status) +
                     loadLines(pages.status) + listenerLines(pages.status);
  const TextTable table = upstreamTable(pages.upstreams);
  text += table.empty() ? "\nno upstreams\n" : "\n" + table.text();
  return text + decisionLines(pages);
}

Json statusReport(const StatusPages& pages) {
  Json report;
  report["status"] = pages.status;
  report["upstreams"] = listIn(pages.upstreams, "upstreams");
  report["decisions"] = Json::array();
  const Json& decisions = listIn(pages.decisions, "decisions");
  for (size_t i = 0; i < std::min(kDecisionsShown, decisions.size()); ++i) report["decisions"].push_back(decisions[i]);
  report["wrong"] = troubles(pages);
  return report;
}

}  // namespace outrigger::control::cli
