#include "control/cli/top_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "control/cli/columns.h"
#include "control/cli/found_in.h"
#include "control/cli/spoken.h"
#include "control/cli/status_text.h"
#include "control/cli/top_order.h"

namespace outrigger::control::cli {
namespace {

using Tone = TonedLine::Tone;
using Lines = std::vector<TonedLine>;

constexpr size_t kMostTroubles = 3;
constexpr size_t kMostDecisions = 20;
constexpr size_t kLeastDecisions = 3;
constexpr size_t kLeastRoom = 10;  // lines below which upstreams get all of them
constexpr size_t kMostBars = 60;   // seconds
constexpr size_t kLeastBars = 10;  // fewer tell nothing
constexpr const char* kDirections[] = {"inbound", "outbound"};

// ---- Cells

std::string format(const char* pattern, double value) {
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), pattern, value);
  return {text.data(), static_cast<size_t>(size)};
}

std::string rateCell(const Json& now) {
  const Json& rate = in(now, "per_second");
  if (!rate.is_number()) return "-";
  const auto value = rate.get<double>();
  return format(value >= 100 || value == 0 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
}

// Rounded down: 100 % is said where nothing failed.
std::string shareText(double share) {
  return share >= 1 ? "100 %" : format("%.2f %%", std::floor(std::max(share, 0.0) * 10'000) / 100);
}

std::string successCell(const Json& now) {
  const Json& success = in(now, "success");
  return success.is_number() ? shareText(success.get<double>()) : "-";
}

std::string recentCell(const Json& endpoint) {
  const Json& recent = in(endpoint, "recent");
  const double requests = numberIn(recent, "requests");
  return requests > 0 ? shareText(1 - numberIn(recent, "failures") / requests) : "-";
}

std::string countCell(const Json& json, const char* key) {
  return std::to_string(countIn(json, key));
}

// "12:00:01" of "2026-01-31T12:00:01.250Z".
std::string clockOf(const std::string& time) {
  return time.size() >= 19 && time[10] == 'T' ? time.substr(11, 8) : "";
}

// ---- Head

std::vector<std::string> troublesOf(const Json& state) {
  std::vector<std::string> found;
  const Json& header = in(state, "header");
  const Json& rejected = in(in(header, "config"), "rejected");
  if (rejected.is_object()) {
    const std::string text = textIn(rejected, "text");
    found.push_back("the newest config was rejected, an older one is in effect: " + text.substr(0, text.find('\n')));
  }
  for (const Json& blocker : listIn(header, "blockers")) {
    if (blocker.is_string()) found.push_back("it is not ready: " + blocker.get<std::string>());
  }
  const size_t silent = listIn(state, "silent_workers").size();
  if (silent > 0) found.push_back(counted(silent, "worker") + " did not answer within 2 s");
  return found;
}

std::string withRight(const std::string& left, const std::string& right, const TopView& view) {
  const size_t used = columnsOf(left) + columnsOf(right) + 2;
  if (view.columns == TopView::kNoLimit) return left + "  " + right;
  return used > view.columns ? left : left + std::string(view.columns - used + 2, ' ') + right;
}

void addHead(Lines& lines, const Json& state, const TopView& view) {
  const Json& header = in(state, "header");
  const std::string left = "outrigger " + textIn(header, "version") + " on " + textIn(header, "name") + ", up " +
                           spanText(spanIn(header, "uptime_ms")) + ", " + textIn(header, "state");
  const std::string right = clockOf(textIn(state, "time")) + " UTC" + (view.keys.empty() ? "" : ", " + view.keys);
  lines.push_back({withRight(fitted(left, view.columns, view.utf8), right, view), Tone::Title});
  std::vector<std::string> troubles = troublesOf(state);
  if (!view.notice.empty()) troubles = {view.notice};
  for (size_t i = 0; i < std::min(kMostTroubles, troubles.size()); ++i) lines.push_back({troubles[i], Tone::Bad});
  if (!troubles.empty()) return;
  const Json& config = in(header, "config");
  lines.push_back({"config " + textIn(config, "file") + ", hash " + textIn(config, "hash").substr(0, 8) + ", applied " +
                       spanText(spanIn(config, "age_ms")) + " ago",
                   Tone::Faint});
}

// ---- Both directions

std::vector<double> ratesOf(const Json& flow) {
  std::vector<double> rates;
  for (const Json& rate : listIn(in(flow, "fine"), "per_second")) {
    rates.push_back(rate.is_number() ? rate.get<double>() : -1);
  }
  return rates;
}

// How many seconds the bars beside a table show; 0: there is no room for them.
size_t barsBeside(const Lines& table, const TopView& view) {
  if (view.columns == TopView::kNoLimit) return 0;
  size_t used = 0;
  for (const TonedLine& line : table) used = std::max(used, columnsOf(line.text));
  const size_t room = view.columns - std::min(view.columns, used + 2);
  return room < kLeastBars ? 0 : std::min(room, kMostBars);
}

void addFlows(Lines& lines, const Json& state, const TopView& view) {
  FittedTable table({{"", false, 9},
                     {"requests/s", true, 8},
                     {"success", true, 7},
                     {"p50", true, 3},
                     {"p95", true, 4},
                     {"p99", true, 6},
                     {"in flight", true, 5}});
  for (const char* direction : kDirections) {
    const Json& now = in(in(in(state, "flows"), direction), "now");
    table.add({direction, rateCell(now), successCell(now), latencyText(numberIn(now, "p50_ms")),
               latencyText(numberIn(now, "p95_ms")), latencyText(numberIn(now, "p99_ms")),
               countCell(now, "in_flight")});
  }
  Lines rows = table.lines(view.columns, view.utf8);
  if (const size_t bars = barsBeside(rows, view); bars > 0) {
    std::array<std::string, 3> beside{fitted("the last " + std::to_string(bars) + " s", bars, view.utf8)};
    for (size_t i = 0; i < 2; ++i) {
      beside[i + 1] = sparkLine(ratesOf(in(in(state, "flows"), kDirections[i])), bars, view.utf8);
    }
    for (size_t i = 0; i < beside.size(); ++i) {
      std::string& text = rows[i].text;
      // So that the newest second stands at the right edge.
      const size_t wide = i == 0 ? bars : columnsOf(beside[i]);
      text.resize(text.size() + view.columns - columnsOf(text) - wide, ' ');
      text += beside[i];
    }
  }
  lines.insert(lines.end(), rows.begin(), rows.end());
}

// ---- Upstreams

/// Which rows there is room for: first the upstreams that are in trouble, each with its endpoints that are, then the
/// other upstreams, then the other endpoints.
class Chosen {
 public:
  Chosen(const std::vector<StandingUpstream>& upstreams, size_t room) {
    for (const StandingUpstream& upstream : upstreams) all_ += 1 + upstream.endpoints.size();
    // The last row tells of those that are not shown.
    room_ = all_ <= room ? all_ : room - std::min<size_t>(room, 1);
    for (const bool trouble : {true, false}) {
      for (const StandingUpstream& upstream : upstreams) {
        if (upstream.trouble != trouble || !take(upstream)) continue;
        for (const Standing& endpoint : upstream.endpoints) {
          if (endpoint.trouble) take(endpoint);
        }
      }
    }
    for (const StandingUpstream& upstream : upstreams) {
      for (const Standing& endpoint : upstream.endpoints) {
        if (has(upstream) && !endpoint.trouble) take(endpoint);
      }
    }
  }

  bool has(const Standing& one) const { return std::ranges::find(taken_, one.json) != taken_.end(); }
  size_t leftOut() const { return all_ - taken_.size(); }

 private:
  bool take(const Standing& one) {
    if (taken_.size() >= room_) return false;
    taken_.push_back(one.json);
    return true;
  }

  std::vector<const Json*> taken_;
  size_t all_ = 0;
  size_t room_ = 0;
};

double worstP99(const StandingUpstream& upstream) {
  double worst = 0;
  for (const Standing& endpoint : upstream.endpoints) worst = std::max(worst, numberIn(*endpoint.json, "p99_ms"));
  return worst;
}

void addRows(FittedTable& table, const StandingUpstream& upstream, const Chosen& chosen) {
  const Json& json = *upstream.json;
  const Json& now = in(json, "now");
  table.add(
      {textIn(json, "name"), breakerCell(json), rateCell(now), successCell(now), latencyText(worstP99(upstream)),
       countCell(json, "in_flight"), countCell(json, "pending"), format("%.1f", numberIn(now, "retries_per_second"))},
      upstream.trouble ? Tone::Bad : Tone::Plain);
  for (const Standing& endpoint : upstream.endpoints) {
    if (!chosen.has(endpoint)) continue;
    const Json& one = *endpoint.json;
    table.add({"  " + textIn(one, "address"), endpointStateText(one), "", recentCell(one),
               latencyText(numberIn(one, "p99_ms")), countCell(one, "in_flight"), "", ""},
              endpoint.trouble ? Tone::Bad : Tone::Plain);
  }
}

// Those of which the sidecar itself does not tell count too.
std::string leftOutText(const Chosen& chosen, const Json& state) {
  const uint64_t count = chosen.leftOut() + countIn(state, "upstreams_left_out") + countIn(state, "endpoints_left_out");
  return count == 0 ? ""
                    : "... and " + std::to_string(count) + " more upstreams and endpoints: `outrigger endpoint list`";
}

void addUpstreams(Lines& lines, const Json& state, const TopView& view, size_t room) {
  const std::vector<StandingUpstream> upstreams = byTrouble(state);
  if (upstreams.empty()) {
    lines.push_back({"no upstreams", Tone::Faint});
    return;
  }
  const Chosen chosen(upstreams, room - std::min<size_t>(room, 1));
  FittedTable table({{"upstream", false, 9},
                     {"breaker, state", false, 8},
                     {"requests/s", true, 5},
                     {"success", true, 7},
                     {"p99", true, 6},
                     {"in flight", true, 4},
                     {"waiting", true, 3},
                     {"retries/s", true, 2}});
  for (const StandingUpstream& upstream : upstreams) {
    if (chosen.has(upstream)) addRows(table, upstream, chosen);
  }
  const Lines rows = table.lines(view.columns, view.utf8);
  lines.insert(lines.end(), rows.begin(), rows.end());
  if (const std::string more = leftOutText(chosen, state); !more.empty()) lines.push_back({more, Tone::Faint});
}

// ---- Decisions

/// One decision, or several in a row that are told in the same words.
struct Told {
  std::string time;  // of the newest
  std::string text;
  size_t times = 1;
};

std::vector<Told> toldOf(const Json& decisions, size_t most) {
  std::vector<Told> all;
  for (const Json& decision : decisions) {
    const std::string text = textIn(decision, "text");
    if (!all.empty() && all.back().text == text) {
      ++all.back().times;
      continue;
    }
    if (all.size() == most) break;
    all.push_back({textIn(decision, "time"), text});
  }
  return all;
}

void addDecisions(Lines& lines, const Json& state, size_t most) {
  const Json& decisions = listIn(state, "decisions");
  if (most == 0 || decisions.empty()) return;
  lines.push_back({"", Tone::Plain});
  lines.push_back({"the last decisions, newest first", Tone::Title});
  for (const Told& told : toldOf(decisions, most)) {
    const std::string times = told.times > 1 ? std::to_string(told.times) + " x  " : "";
    lines.push_back({clockOf(told.time) + "  " + times + told.text, Tone::Plain});
  }
}

// What decisions may take of `room` lines at least, with their title and the blank line above.
size_t roomForDecisions(const Json& state, size_t room) {
  const size_t count = toldOf(listIn(state, "decisions"), kMostDecisions).size();
  return count == 0 || room < kLeastRoom ? 0 : 2 + std::min(count, std::max(kLeastDecisions, room / 3));
}

}  // namespace

std::vector<TonedLine> topLines(const Json& state, const TopView& view) {
  Lines lines;
  addHead(lines, state, view);
  lines.push_back({"", Tone::Plain});
  addFlows(lines, state, view);
  lines.push_back({"", Tone::Plain});
  const size_t room = view.lines - std::min(view.lines, lines.size());
  addUpstreams(lines, state, view, room - std::min(room, roomForDecisions(state, room)));
  const size_t left = view.lines - std::min(view.lines, lines.size());
  addDecisions(lines, state, std::min(kMostDecisions, left - std::min<size_t>(left, 2)));
  if (lines.size() > view.lines) lines.resize(view.lines);
  for (TonedLine& line : lines) line.text = fitted(line.text, view.columns, view.utf8);
  return lines;
}

Json topReport(const Json& state) {
  Json report;
  const Json& header = in(state, "header");
  for (const char* key : {"name", "version", "state", "uptime_ms"}) {
    report[key] = header.contains(key) ? header.at(key) : Json();
  }
  report["time"] = textIn(state, "time");
  report["wrong"] = troublesOf(state);
  for (const char* direction : kDirections) report[direction] = in(in(in(state, "flows"), direction), "now");
  report["upstreams"] = Json::array();
  for (const StandingUpstream& upstream : byTrouble(state)) {
    Json one = *upstream.json;
    for (const char* history : {"fine", "coarse"}) one.erase(history);
    one["trouble"] = upstream.trouble;
    one["endpoints"] = Json::array();
    for (const Standing& endpoint : upstream.endpoints) {
      Json row = *endpoint.json;
      row.erase("upstream");
      row.erase("pending");
      row["trouble"] = endpoint.trouble;
      one["endpoints"].push_back(std::move(row));
    }
    report["upstreams"].push_back(std::move(one));
  }
  report["decisions"] = Json::array();
  const Json& decisions = listIn(state, "decisions");
  for (size_t i = 0; i < std::min(kMostDecisions, decisions.size()); ++i) report["decisions"].push_back(decisions[i]);
  return report;
}

}  // namespace outrigger::control::cli
