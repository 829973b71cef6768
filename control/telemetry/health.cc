#include "control/telemetry/health.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/listener_table.h"

namespace outrigger::control::telemetry {

using nlohmann::ordered_json;

namespace {

Page jsonPage(bool good, const ordered_json& json) {
  return {
      .status = static_cast<uint16_t>(good ? 200 : 503), .contentType = "application/json", .body = json.dump() + "\n"};
}

}  // namespace

std::vector<std::string> readyBlockers(const config::Model* model, const std::map<std::string, Address>& bound,
                                       bool draining) {
  std::vector<std::string> blockers;
  if (model == nullptr) {
    blockers.emplace_back("no config is in effect");
  } else {
    for (const auto& [name, plan] : planListeners(*model)) {
      if (!bound.contains(name)) blockers.push_back("listener " + name + " is not open");
    }
  }
  if (draining) blockers.emplace_back("draining");
  return blockers;
}

Page renderReady(const std::vector<std::string>& blockers) {
  return jsonPage(blockers.empty(), {{"ready", blockers.empty()}, {"blockers", blockers}});
}

Page renderLive(std::span<const Duration> silences) {
  const bool live = std::ranges::all_of(silences, [](Duration silence) { return silence < kLongestSilence; });
  ordered_json workers = ordered_json::array();
  for (size_t i = 0; i < silences.size(); ++i) {
    workers.push_back({{"worker", i}, {"silent_for_ms", wholeMilliseconds(silences[i])}});
  }
  return jsonPage(live, {{"live", live}, {"workers", workers}});
}

}  // namespace outrigger::control::telemetry
