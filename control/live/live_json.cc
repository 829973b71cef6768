#include "control/live/live_json.h"

#include <algorithm>
#include <filesystem>

#include "control/admin/rules.h"
#include "control/live/live_parts.h"
#include "control/telemetry/health.h"

namespace outrigger::control::live {
namespace {

using admin::Gathering;
using admin::isoTime;

// ---- Header

std::vector<std::string> fileNames(const ReloadState& reloads) {
  std::vector<std::string> names;
  for (const std::string& file : reloads.files) names.push_back(std::filesystem::path(file).filename().string());
  return names;
}

Json certificatesJson(const ProcessView& view) {
  Json list = Json::array();
  for (const auto& [what, expiry] : view.certificates) {
    list.push_back(
        {{"what", what},
         {"expires_at", isoTime(expiry)},
         {"expires_in_ms", std::chrono::duration_cast<std::chrono::milliseconds>(expiry - view.turn.wall).count()}});
  }
  return list;
}

Json headerJson(const ProcessView& view) {
  const ReloadState& reloads = view.reloader.state();
  Json json;
  json["name"] = processName();
  json["version"] = OUTRIGGER_VERSION;
  json["started_at"] = isoTime(view.startedAt);
  json["uptime_ms"] = wholeMilliseconds(view.turn.wall - view.startedAt);
  json["state"] = drainWord(view.drain.state());
  json["blockers"] = telemetry::readyBlockers(view.model.get(), view.listeners.addresses(), view.drain.draining());
  json["actions"] = view.model != nullptr && view.model->admin.actions;
  json["endpoint_actions"] = true;  // where actions are allowed at all
  json["config"] = {{"file", reloads.file.path},
                    {"hash", reloads.file.hash},
                    {"applied_at", isoTime(reloads.appliedAt)},
                    {"age_ms", wholeMilliseconds(view.turn.wall - reloads.appliedAt)}};
  if (!reloads.lastGood)
    json["config"]["rejected"] = {{"at", errorPlace(reloads.lastError)}, {"text", reloads.lastError}};
  json["certificates"] = certificatesJson(view);
  json["workers"] = view.hosts.size();
  return json;
}

// ---- Decisions

bool isNew(const admin::MadeDecision& made, const Progress& since) {
  const auto known = since.decisions.find(made.worker);
  return known == since.decisions.end() || made.number > known->second;
}

Json decisionJson(const admin::MadeDecision& made, const admin::Rules& rules) {
  const server::Decision& decision = *made.decision;
  Json json{{"id", std::to_string(made.worker) + "-" + std::to_string(made.number)},
            {"time", isoTime(decision.time)},
            {"kind", decision.kind}};
  if (!decision.upstream.empty()) json["upstream"] = decision.upstream;
  if (!decision.endpoint.empty()) json["endpoint"] = decision.endpoint;
  json["text"] = decision.text;
  const admin::Rule rule = rules.of(decision);
  if (!rule.place.empty()) json["rule"] = rule.place;
  if (!rule.path.empty()) json["rule_path"] = rule.path;
  return json;
}

// ---- Config

Json valuesJson(const ReloadState& reloads, size_t& leftOut) {
  const std::vector<config::EffectiveValue> values = config::effectiveValues(reloads.effective, fileNames(reloads));
  Json list = Json::array();
  for (const config::EffectiveValue& value : values) {
    if (list.size() == kMostValuesShown) break;
    list.push_back({{"path", value.path}, {"value", value.value}, {"origin", value.origin}});
  }
  leftOut = values.size() - list.size();
  return list;
}

Json configJson(const ReloadState& reloads) {
  size_t leftOut = 0;
  Json json;
  json["values"] = valuesJson(reloads, leftOut);
  json["values_left_out"] = leftOut;
  json["history"] = reloadsJson(reloads.history).at("reloads");
  return json;
}

Json recordJson(const ReloadRecord& record) {
  constexpr std::array<Bytes, 3> kWords{"started", "applied", "rejected"};
  Json json{{"time", isoTime(record.at)}, {"result", kWords[static_cast<size_t>(record.result)]}};
  if (!record.hash.empty()) json["hash"] = record.hash;
  if (!record.error.empty()) json["error"] = {{"at", errorPlace(record.error)}, {"text", record.error}};
  json["changes"] = Json::array();
  for (const config::Change& change : record.changes) {
    json["changes"].push_back({{"path", change.path},
                               {"before", change.before ? Json(*change.before) : Json()},
                               {"after", change.after ? Json(*change.after) : Json()},
                               {"origin", change.origin}});
  }
  if (!record.needsRestart.empty()) json["needs_restart"] = record.needsRestart;
  if (record.changesLeftOut > 0) json["changes_left_out"] = record.changesLeftOut;
  return json;
}

}  // namespace

Json reloadsJson(const ReloadHistory& history) {
  Json json;
  json["reloads"] = Json::array();
  for (auto it = history.all().rbegin(); it != history.all().rend(); ++it) json["reloads"].push_back(recordJson(*it));
  return json;
}

Json liveJson(const ProcessView& view, const History& history, const Gathering::Result& gathered,
              const Progress& since) {
  const ReloadState& reloads = view.reloader.state();
  const std::vector<std::string> names = fileNames(reloads);
  const admin::Rules rules =
      view.model == nullptr ? admin::Rules() : admin::Rules(*view.model, reloads.effective, names);
  Json json;
  json["time"] = isoTime(view.turn.wall);
  json["whole"] = !since.reloads.has_value() && since.fine == 0;
  json["fine_at"] = history.fineAdded();
  json["coarse_at"] = history.coarseAdded();
  json["header"] = headerJson(view);
  if (!gathered.silent.empty()) json["silent_workers"] = gathered.silent;
  json["flows"] = flowsJson(history, since);
  addUpstreams(json, view, history, gathered, since);
  if (view.model != nullptr) addPlaces(json, *view.model, rules);
  json["decisions"] = Json::array();
  const std::vector<admin::MadeDecision> decisions = admin::newestDecisions(gathered);
  for (const admin::MadeDecision& made : decisions) {
    if (isNew(made, since)) json["decisions"].push_back(decisionJson(made, rules));
  }
  // From the oldest on, so that the newest has the last word.
  for (auto made = decisions.rbegin(); made != decisions.rend(); ++made) explainBy(json, *made->decision);
  sortEndpoints(json);
  json["map"] = mapJson(json);
  if (since.reloads != reloads.history.added()) json["config"] = configJson(reloads);
  return json;
}

Progress progressAt(const ProcessView& view, const History& history, const Gathering::Result& gathered) {
  Progress progress{.fine = history.fineAdded(), .coarse = history.coarseAdded()};
  for (const admin::WorkerReport& report : gathered.reports) progress.decisions[report.worker] = report.decisionsMade;
  progress.reloads = view.reloader.state().history.added();
  return progress;
}

}  // namespace outrigger::control::live
