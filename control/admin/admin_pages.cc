#include "control/admin/admin_pages.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "control/admin/endpoint_order.h"
#include "control/admin/why.h"
#include "control/page_query.h"
#include "control/telemetry/health.h"
#include "control/telemetry/telemetry_pages.h"
#include "control/telemetry/words.h"
#include "proxy/http/host.h"

namespace outrigger::control::admin {
namespace {

using http::Method;
using ByHand = upstream::EndpointSet::ByHand;

constexpr std::array<Bytes, 4> kLevelWords{"debug", "info", "warn", "error"};  // in the order of Log::Level

Page jsonPage(const Json& json, uint16_t status = 200) {
  return {.status = status, .contentType = "application/json", .body = textOf(json)};
}

Page refusal(uint16_t status, const std::string& sentence) {
  return jsonPage({{"error", sentence}}, status);
}

std::optional<Page> refuseForeignHost(const PageRequest& request) {
  if (isOwnHost(request.host)) return std::nullopt;
  return refusal(403, "this page is only served under an IP address or localhost: use one of them in the URL");
}

StatusFacts statusOf(const ProcessView& view) {
  StatusFacts facts{.reloads = view.reloader.state(), .listeners = view.listeners.addresses()};
  facts.version = OUTRIGGER_VERSION;
  facts.pid = ::getpid();
  facts.startedAt = view.startedAt;
  facts.now = view.turn.wall;
  facts.drain = view.drain.state();
  facts.blockers = telemetry::readyBlockers(view.model.get(), view.listeners.addresses(), view.drain.draining());
  for (const metrics::Shard* shard : view.registry.shards()) {
    const metrics::WorkerSeries& cells = shard->worker;
    facts.workers.push_back(
        {cells.activeRequests.value(), cells.downstreamConnections[0].value(), cells.downstreamConnections[1].value()});
  }
  facts.logLinesDropped = view.writer.dropped();
  return facts;
}

Page configPage(const ProcessView& view) {
  const ReloadState& reloads = view.reloader.state();
  std::vector<std::string> names;
  for (const std::string& file : reloads.files) names.push_back(std::filesystem::path(file).filename().string());
  return jsonPage(configJson(reloads.file, reloads.appliedAt, config::effectiveValues(reloads.effective, names)));
}

// ---- Actions

std::optional<Page> refuseAction(const ProcessView& view, const PageRequest& request) {
  if (view.model == nullptr || !view.model->admin.actions) {
    return refusal(403, "actions are off: write `admin: {actions: true}` into the config file to allow them");
  }
  // A page of some other site cannot make a browser send this header without asking us first.
  if (!request.actionMark) return refusal(403, "send the header `outrigger-admin: 1` with an action");
  return std::nullopt;
}

Page appliedPage(const ReloadHistory& history) {
  Json json{{"result", "applied"}};
  if (!history.all().empty() && !history.all().back().needsRestart.empty()) {
    json["needs_restart"] = history.all().back().needsRestart;
  }
  return jsonPage(json);
}

Page reload(const ProcessView& view) {
  switch (view.reload()) {
    case Reloader::Result::Applied: return appliedPage(view.reloader.state().history);
    case Reloader::Result::Unchanged: return jsonPage({{"result", "unchanged"}});
    case Reloader::Result::Rejected: break;
  }
  return jsonPage({{"result", "rejected"}, {"error", view.reloader.state().lastError}}, 422);
}

Page drain(const ProcessView& view) {
  view.beginDrain();
  return jsonPage({{"state", drainWord(view.drain.state())}});
}

Page setLogLevel(const ProcessView& view, const PageRequest& request) {
  const Json body = Json::parse(request.body, nullptr, false);
  const auto level = body.is_object() ? body.find("level") : body.end();
  if (level == body.end() || !level->is_string()) {
    return refusal(400, "send a JSON object such as {\"level\": \"debug\"}");
  }
  const auto word = std::ranges::find(kLevelWords, Bytes(level->get_ref<const std::string&>()));
  if (word == kLevelWords.end()) return refusal(400, "`level` is one of debug, info, warn, error");
  view.setLogLevel(static_cast<Log::Level>(word - kLevelWords.begin()));
  return jsonPage({{"level", *word}});
}

}  // namespace

bool isOwnHost(Bytes host) {
  if (host.empty()) return true;
  const auto parts = http::parseHost(host);
  if (!parts) return false;
  if (parts->bracketed || equalsIgnoreCase(parts->host, "localhost")) return true;
  return Address::parse(std::string(parts->host) + ":0").has_value();
}

AdminPages::AdminPages(ProcessView view)
    : view_(std::move(view)),
      server_(view_.turn),
      gatherings_(view_.turn, view_.hosts),
      watch_(view_, gatherings_),
      taps_(view_) {
  server_.guard(refuseForeignHost);
  addReadingPages();
  addLivePages();
  telemetry::addTelemetryPages(server_, view_);
  addActions();
}

void AdminPages::addReadingPages() {
  server_.add(Method::Get, "/api/status",
              [this](const PageRequest&, const GivePage& give) { give(jsonPage(statusJson(statusOf(view_)))); });
  server_.add(Method::Get, "/api/config",
              [this](const PageRequest&, const GivePage& give) { give(configPage(view_)); });
  server_.add(Method::Get, "/api/upstreams", [this](const PageRequest&, const GivePage& give) {
    gather([](server::Worker& worker) { return WorkerReport{.upstreams = reportUpstreams(worker), .decisions = {}}; },
           [this](const Gathering::Result& gathered) {
             const bool looksUp = view_.discovery != nullptr;
             return upstreamsJson(gathered, view_.turn.now, looksUp ? view_.discovery->standings() : Standings());
           },
           give);
  });
  server_.add(Method::Get, "/api/decisions", [this](const PageRequest&, const GivePage& give) {
    gather(
        [](server::Worker& worker) {
          return WorkerReport{
              .upstreams = {}, .decisions = reportDecisions(worker), .decisionsMade = worker.decisions().added()};
        },
        [this](const Gathering::Result& gathered) { return decisionsJson(gathered, rules()); }, give);
  });
  server_.add(Method::Get, "/api/why",
              [this](const PageRequest& request, const GivePage& give) { why(request, give); });
}

Rules AdminPages::rules() const {
  if (view_.model == nullptr) return {};
  const ReloadState& reloads = view_.reloader.state();
  return {*view_.model, reloads.effective, reloads.files};
}

void AdminPages::why(const PageRequest& request, const GivePage& give) {
  const auto asked = queryValue(request.query, "id");
  if (!asked || asked->empty()) return give(refusal(400, "say which request: /api/why?id=REQUEST-ID, or its trace id"));
  gather([id = keptId(*asked)](const server::Worker& worker) { return reportOn(worker, id); },
         [this, asked](const Gathering::Result& gathered) { return whyJson(*asked, gathered, rules()); }, give);
}

void AdminPages::addLivePages() {
  server_.add(Method::Get, "/", [this](const PageRequest&, const GivePage& give) {
    watch_.look([this, give](const Json& state) { give(page_.make(state)); });
  });
  server_.add(Method::Get, "/api/live", [this](const PageRequest&, const GivePage& give) {
    watch_.look([give](const Json& state) { give(jsonPage(state)); });
  });
  server_.add(Method::Get, "/api/config/history", [this](const PageRequest&, const GivePage& give) {
    give(jsonPage(live::reloadsJson(view_.reloader.state().history)));
  });
  server_.addFeed("/api/events",
                  [this](const PageRequest&, std::shared_ptr<Feed> feed) { return watch_.follow(std::move(feed)); });
  server_.addFeed("/api/tap", [this](const PageRequest& request, std::shared_ptr<Feed> feed) {
    return taps_.open(request, std::move(feed));
  });
}

void AdminPages::addActions() {
  server_.addBelow(Method::Post, kEndpointOrders,
                   [this](const PageRequest& request, const GivePage& give) { holdEndpoint(request, give); });
  addAction("/api/reload", [this](const PageRequest&) { return reload(view_); });
  addAction("/api/drain", [this](const PageRequest&) { return drain(view_); });
  addAction("/api/log-level", [this](const PageRequest& request) { return setLogLevel(view_, request); });
}

// POST /api/endpoints/UPSTREAM/ADDRESS/eject or /restore. The first worker decides whether it may be, the others
// follow.
void AdminPages::holdEndpoint(const PageRequest& request, const GivePage& give) {
  if (auto refused = refuseAction(view_, request)) return give(std::move(*refused));
  const auto order = readEndpointOrder(request.path, request.body);
  if (!order) return give(refusal(400, order.error()));
  const auto act = [order = *order](server::Worker& worker) {
    const std::optional<Instant> until = order.eject ? std::optional(after(worker.now(), order.time)) : std::nullopt;
    return worker.hold(order.upstream, order.address, until);
  };
  view_.hosts[0]->ask(act, [this, act, give, order = *order](ByHand done) {
    if (done == ByHand::Unknown) return give(refusal(404, noSuchEndpoint(*view_.model, order)));
    if (done == ByHand::Last) {
      return give(refusal(409, "no other endpoint of " + order.upstream + " may be used now: somebody has to serve"));
    }
    for (size_t i = 1; i < view_.hosts.size(); ++i) {
      view_.hosts[i]->post([act](server::Worker& worker) { act(worker); });
    }
    Json json{{"result", order.eject              ? "ejected"
                         : done == ByHand::NotOut ? "not ejected"
                                                  : "restored"},
              {"upstream", order.upstream},
              {"endpoint", order.address.text()}};
    if (order.eject) json["for_ms"] = wholeMilliseconds(order.time);
    give(jsonPage(json));
  });
}

void AdminPages::addAction(const char* path, std::function<Page(const PageRequest&)> act) {
  server_.add(Method::Post, path, [this, act = std::move(act)](const PageRequest& request, const GivePage& give) {
    auto refused = refuseAction(view_, request);
    give(refused ? std::move(*refused) : act(request));
  });
}

void AdminPages::gather(const Gatherings::Question& question, Render render, const GivePage& give) {
  gatherings_.ask(question, [render = std::move(render), give](const Gathering::Result& result) {
    give(jsonPage(render(result)));
  });
}

}  // namespace outrigger::control::admin
