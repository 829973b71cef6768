#include "control/admin/plain_tables.h"

#include <cmath>
#include <cstdio>

#include "control/admin/html.h"

namespace outrigger::control::admin {
namespace {

// ---- Values as one reads them

// Octets that are not UTF-8 become U+FFFD.
std::string textOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  if (!found->is_string()) return found->dump();
  const std::string quoted = Json(*found).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

std::string decimals(double value, int places) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  return text;
}

const Json* valueOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || !found->is_number() ? nullptr : &*found;
}

std::string number(const Json& object, const char* key, int places = 1) {
  const Json* value = valueOf(object, key);
  return value == nullptr ? "–" : decimals(value->get<double>(), places);
}

std::string percent(const Json& object, const char* key) {
  const Json* value = valueOf(object, key);
  return value == nullptr ? "–" : decimals(value->get<double>() * 100, 2) + " %";
}

std::string span(const Json& object, const char* key) {
  const Json* value = valueOf(object, key);
  if (value == nullptr) return "–";
  const double ms = value->get<double>();
  if (ms < 1000) return decimals(ms, ms < 10 ? 1 : 0) + " ms";
  const auto s = static_cast<int64_t>(ms / 1000);
  if (s < 120) return std::to_string(s) + " s";
  if (s < 7200) return std::to_string(s / 60) + " min";
  if (s < 172800) return std::to_string(s / 3600) + " h";
  return std::to_string(s / 86400) + " d";
}

std::string joined(const Json& list) {
  std::string out;
  for (const Json& item : list) out += (out.empty() ? "" : ", ") + item.get<std::string>();
  return out;
}

void leftOut(std::string& out, const Json& state, const char* key, const char* what) {
  const Json* count = valueOf(state, key);
  if (count == nullptr || count->get<uint64_t>() == 0) return;
  out += "<p>" + count->dump() + " more " + what + "</p>\n";
}

// ---- The parts

void addHeader(std::string& out, const Json& header) {
  const Json& config = header.at("config");
  if (const auto rejected = config.find("rejected"); rejected != config.end()) {
    out += "<div class=\"rejected\"><p><strong>The newest config was rejected; the one before it runs on. " +
           htmlEscaped(textOf(*rejected, "at")) + "</strong></p><pre>" + htmlEscaped(textOf(*rejected, "text")) +
           "</pre></div>\n";
  }
  HtmlTable table(out, "This sidecar", {"What", "Value"});
  table.row({"Name", textOf(header, "name")});
  table.row({"Version", textOf(header, "version")});
  table.row({"State", textOf(header, "state")});
  if (!header.at("blockers").empty()) table.row({"Not ready", joined(header.at("blockers"))});
  table.row({"Up for", span(header, "uptime_ms")});
  table.row({"Config", textOf(config, "file")});
  table.row({"Config hash", textOf(config, "hash").substr(0, 8)});
  table.row({"Config in effect for", span(config, "age_ms")});
  for (const Json& certificate : header.at("certificates")) {
    table.row({"Certificate " + textOf(certificate, "what") + " ends in", span(certificate, "expires_in_ms")});
  }
}

void addFlows(std::string& out, const Json& flows) {
  HtmlTable table(out, "Traffic of the last seconds",
                  {"Direction", "Requests/s", "Success", "p50", "p95", "p99", "In flight"});
  for (const char* direction : {"inbound", "outbound"}) {
    const Json& now = flows.at(direction).at("now");
    table.row({direction, number(now, "per_second"), percent(now, "success"), span(now, "p50_ms"), span(now, "p95_ms"),
               span(now, "p99_ms"), number(now, "in_flight", 0)});
  }
}

void addMap(std::string& out, const Json& map) {
  HtmlTable table(out, "Who calls whom", {"From", "To", "Requests/s", "Success", "Marks"});
  for (const Json& edge : map.at("edges")) {
    table.row({textOf(edge, "from"), textOf(edge, "to"), number(edge, "per_second"), percent(edge, "success"),
               joined(edge.at("badges"))});
  }
}

void addEndpoints(std::string& out, const Json& state) {
  {
    HtmlTable table(out, "Endpoints, changed last first",
                    {"Endpoint", "Upstream", "State", "Why", "Since", "For another", "Active", "Queue of the upstream",
                     "p99", "Failures in a row", "Ejections"});
    for (const Json& endpoint : state.at("endpoints")) {
      const bool ejected = number(endpoint, "ejected_for_ms", 0) != "0";
      table.row({textOf(endpoint, "address"), textOf(endpoint, "upstream"), textOf(endpoint, "state"),
                 textOf(endpoint, "why"), textOf(endpoint, "changed_at"),
                 ejected ? span(endpoint, "ejected_for_ms") : "", textOf(endpoint, "in_flight"),
                 textOf(endpoint, "pending"), span(endpoint, "p99_ms"), textOf(endpoint, "failures_in_a_row"),
                 textOf(endpoint, "ejections")});
    }
  }
  leftOut(out, state, "endpoints_left_out", "endpoints: see <a href=\"/api/upstreams\">/api/upstreams</a>");
}

void addResilience(std::string& out, const Json& state) {
  {
    HtmlTable table(out, "Resilience",
                    {"Upstream", "Policy", "Mode", "Breaker", "Since", "Why", "Retry budget", "Attempts per request",
                     "Would have"});
    for (const Json& upstream : state.at("upstreams")) {
      const Json now = upstream.value("now", Json::object());
      std::string would;
      const Json counts = upstream.value("would", Json::object());
      for (const auto& [action, count] : counts.items()) {
        would += (would.empty() ? "" : ", ") + action + " " + count.dump();
      }
      table.row({textOf(upstream, "name"), textOf(upstream, "policy"), textOf(upstream, "mode"),
                 textOf(upstream, "breaker"), textOf(upstream, "breaker_since"), textOf(upstream, "breaker_why"),
                 number(upstream, "retry_tokens") + " of " + number(upstream, "retry_cap", 0),
                 number(now, "amplification", 2), would});
    }
  }
  leftOut(out, state, "upstreams_left_out", "upstreams: see <a href=\"/api/upstreams\">/api/upstreams</a>");
}

void addDecisions(std::string& out, const Json& decisions) {
  HtmlTable table(out, "Decisions, newest first", {"Time", "Kind", "What", "Rule", "Where it stands"});
  for (const Json& decision : decisions) {
    table.row({textOf(decision, "time"), textOf(decision, "kind"), textOf(decision, "text"),
               textOf(decision, "rule_path"), textOf(decision, "rule")});
  }
}

std::string changesText(const Json& record) {
  std::string text = textOf(record.value("error", Json::object()), "text");
  for (const Json& change : record.at("changes")) {
    const bool fresh = change.at("before").is_null();
    const bool gone = change.at("after").is_null();
    text += (text.empty() ? "" : "; ") + textOf(change, "path") + ": " + (fresh ? "(none)" : textOf(change, "before")) +
            " → " + (gone ? "(none)" : textOf(change, "after"));
  }
  if (const auto keys = record.find("needs_restart"); keys != record.end()) {
    text += "; needs a restart: " + joined(*keys);
  }
  return text;
}

void addConfig(std::string& out, const Json& state) {
  const Json& config = state.at("config");
  {
    HtmlTable table(out, "Reloads, newest first", {"Time", "Result", "Hash", "What changed, or what is wrong"});
    for (const Json& record : config.at("history")) {
      table.row(
          {textOf(record, "time"), textOf(record, "result"), textOf(record, "hash").substr(0, 8), changesText(record)});
    }
  }
  {
    HtmlTable table(out, "Config in effect", {"Path", "Value", "Origin"});
    for (const Json& value : config.at("values")) {
      table.row({textOf(value, "path"), textOf(value, "value"), textOf(value, "origin")});
    }
  }
  leftOut(out, config, "values_left_out", "values: see <a href=\"/api/config\">/api/config</a>");
}

}  // namespace

std::string plainTables(const Json& state) {
  std::string out;
  out += "<p>State of " + htmlEscaped(textOf(state, "time")) + "; load the page again for the next.</p>\n";
  addHeader(out, state.at("header"));
  out += "<h2>Traffic</h2>\n";
  addFlows(out, state.at("flows"));
  addMap(out, state.at("map"));
  out += "<h2>Endpoints</h2>\n";
  addEndpoints(out, state);
  out += "<h2>Resilience</h2>\n";
  addResilience(out, state);
  out += "<h2>Decisions</h2>\n";
  addDecisions(out, state.at("decisions"));
  out += "<h2>Config</h2>\n";
  addConfig(out, state);
  return out;
}

}  // namespace outrigger::control::admin
