#include "control/telemetry/collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "control/telemetry/families.h"

namespace outrigger::control::telemetry {
namespace {

using prometheus::MetricType;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Duration kBounds[] = {1ms, 100ms, 10s};

struct World {
  explicit World(size_t workers = 1, size_t maxSeries = 10'000) {
    for (size_t i = 0; i < workers; ++i) shards.push_back(std::make_unique<metrics::Shard>(metrics::Bounds(kBounds)));
    std::vector<metrics::Shard*> all;
    for (const auto& shard : shards) all.push_back(shard.get());
    registry.emplace(all, maxSeries);
    facts.version = "0.1.0";
    facts.configHash = "0123abcd";
    facts.appliedAt = WallTime(1'800'000'000s);
    facts.applied = 1;
    facts.rejected = 2;
    facts.startedAt = WallTime(1'799'999'000s);
    facts.stats = ProcessStats{.cpuSeconds = 12.5, .residentBytes = 8'388'608, .openFds = 17, .maxFds = 1024};
    facts.upstreams = {"payments"};
  }

  metrics::RequestSeries& requests(const RequestLabels& labels, size_t worker = 0) {
    return shards[worker]->requests[registry->request(labels)];
  }
  metrics::UpstreamSeries& upstream(const std::string& name, size_t worker = 0) {
    return shards[worker]->upstreams[registry->upstream(name)];
  }
  metrics::TunnelSeries& tunnels(const TunnelLabels& labels, size_t worker = 0) {
    return shards[worker]->tunnels[registry->tunnel(labels)];
  }
  std::string text(TextFormat format = TextFormat::Prometheus) const {
    return exposition(Collector(*registry, facts).collect(), format);
  }

  std::vector<std::unique_ptr<metrics::Shard>> shards;
  std::optional<SeriesRegistry> registry;
  ProcessFacts facts;
};

template <size_t N>
void fill(std::array<metrics::Counter, N>& cells) {
  for (metrics::Counter& cell : cells) cell.add();
}
template <size_t N>
void fill(std::array<metrics::Gauge, N>& cells) {
  for (metrics::Gauge& cell : cells) cell.set(1);
}

// Something in every cell.
void fillAll(World& world) {
  world.facts.spans = {5, 2, 1};
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    metrics::RequestSeries& requests = world.requests({direction, "route", "payments"});
    requests.requests.add(200, Reason::Ok);
    requests.duration.observe(2ms, world.shards[0]->bounds);
    if (direction == Direction::Outbound) continue;
    for (size_t status = 0; status < metrics::GrpcCounter::kStatuses; ++status) requests.grpc.add(status);
  }
  metrics::UpstreamSeries& upstream = world.upstream("payments");
  fill(upstream.inFlight);
  fill(upstream.attempts);
  fill(upstream.retries);
  fill(upstream.retriesRefused);
  upstream.breakerState.set(2);
  fill(upstream.breakerTransitions);
  fill(upstream.ejections);
  fill(upstream.limitRejections);
  fill(upstream.endpoints);
  upstream.connectionsActive.set(1);
  upstream.connectionsIdle.set(1);
  fill(upstream.connects);
  fill(world.shards[0]->worker.downstreamConnections);
  for (auto& verdicts : world.shards[0]->worker.detections) fill(verdicts);
  fill(world.shards[0]->worker.probes);
  for (auto& refusals : world.shards[0]->worker.redirectsRefused) fill(refusals);
  metrics::TunnelSeries& tunnels = world.tunnels({Direction::Outbound, "payments"});
  tunnels.ended.add(0, Reason::Ok);
  tunnels.duration.observe(2ms, world.shards[0]->bounds);
  tunnels.open.set(1);
  tunnels.sent.add(5);
  tunnels.received.add(7);
  for (auto& guards : world.shards[0]->worker.http2Guards) fill(guards);
  world.shards[0]->worker.eventLoopLag.observe(1ms, world.shards[0]->bounds);
  world.facts.discovery["payments"] = {.age = 1500ms, .applied = 1, .unchanged = 2, .failed = 3};
}

// ---- The text, read again ------------------------------------------------------------------------------------------

struct ReadSample {
  std::vector<std::pair<std::string, std::string>> labels;
};
struct ReadFamily {
  std::string name;
  std::string help;
  std::string type{};
  std::vector<ReadSample> samples{};
};

// Of labels that need no escape.
ReadSample readSample(const std::string& line) {
  ReadSample sample;
  size_t at = line.find('{');
  while (at != std::string::npos && line[at] != '}') {
    const size_t equals = line.find("=\"", at);
    const size_t end = line.find('"', equals + 2);
    sample.labels.emplace_back(line.substr(at + 1, equals - at - 1), line.substr(equals + 2, end - equals - 2));
    at = end + 1;
  }
  return sample;
}

std::vector<ReadFamily> readFamilies(const std::string& text) {
  std::vector<ReadFamily> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      const size_t space = line.find(' ', 7);
      families.push_back({.name = line.substr(7, space - 7), .help = line.substr(space + 1)});
    } else if (line.starts_with("# TYPE ")) {
      families.back().type = line.substr(line.rfind(' ') + 1);
    } else {
      families.back().samples.push_back(readSample(line));
    }
  }
  return families;
}

const char* typeWord(MetricType type) {
  return type == MetricType::Counter ? "counter" : type == MetricType::Gauge ? "gauge" : "histogram";
}

// ---- The contract ------------------------------------------------------------------------------------------------

// CONTRACT §6, without what this version has no feature behind: outrigger_hedges_total, outrigger_would_total.
struct ContractRow {
  const char* name;
  std::vector<const char*> labels;
  MetricType type;
};
const ContractRow kContract[] = {
    {"outrigger_requests_total", {"direction", "route", "upstream", "code", "reason"}, MetricType::Counter},
    {"outrigger_request_duration_seconds", {"direction", "route", "upstream"}, MetricType::Histogram},
    {"outrigger_grpc_responses_total", {"direction", "route", "upstream", "grpc_status"}, MetricType::Counter},
    {"outrigger_requests_in_flight", {"direction", "upstream"}, MetricType::Gauge},
    {"outrigger_attempts_total", {"upstream", "result"}, MetricType::Counter},
    {"outrigger_retries_total", {"upstream", "cause"}, MetricType::Counter},
    {"outrigger_retries_refused_total", {"upstream", "why"}, MetricType::Counter},
    {"outrigger_breaker_state", {"upstream"}, MetricType::Gauge},
    {"outrigger_breaker_transitions_total", {"upstream", "to"}, MetricType::Counter},
    {"outrigger_ejections_total", {"upstream", "cause"}, MetricType::Counter},
    {"outrigger_endpoints", {"upstream", "state"}, MetricType::Gauge},
    {"outrigger_limit_rejections_total", {"upstream", "limit"}, MetricType::Counter},
    {"outrigger_upstream_connections", {"upstream", "state"}, MetricType::Gauge},
    {"outrigger_upstream_connects_total", {"upstream", "result"}, MetricType::Counter},
    {"outrigger_downstream_connections", {"direction"}, MetricType::Gauge},
    {"outrigger_probes_total", {"result"}, MetricType::Counter},
    {"outrigger_detections_total", {"direction", "verdict"}, MetricType::Counter},
    {"outrigger_redirect_refused_total", {"direction", "why"}, MetricType::Counter},
    {"outrigger_tcp_connections_total", {"direction", "upstream", "reason"}, MetricType::Counter},
    {"outrigger_tcp_bytes_total", {"direction", "upstream", "way"}, MetricType::Counter},
    {"outrigger_tcp_duration_seconds", {"direction", "upstream"}, MetricType::Histogram},
    {"outrigger_tcp_open_connections", {"direction", "upstream"}, MetricType::Gauge},
    {"outrigger_http2_guards_total", {"direction", "guard"}, MetricType::Counter},
    {"outrigger_config_last_reload_successful", {}, MetricType::Gauge},
    {"outrigger_config_last_reload_success_timestamp_seconds", {}, MetricType::Gauge},
    {"outrigger_config_reloads_total", {"result"}, MetricType::Counter},
    {"outrigger_config_info", {"hash"}, MetricType::Gauge},
    {"outrigger_discovery_age_seconds", {"upstream"}, MetricType::Gauge},
    {"outrigger_discovery_updates_total", {"upstream", "result"}, MetricType::Counter},
    {"outrigger_eventloop_lag_seconds", {}, MetricType::Histogram},
    {"outrigger_series_dropped", {}, MetricType::Gauge},
    {"outrigger_spans_total", {"result"}, MetricType::Counter},
    {"outrigger_log_lines_dropped_total", {"stream"}, MetricType::Counter},
    {"outrigger_build_info", {"version"}, MetricType::Gauge},
    {"outrigger_draining", {}, MetricType::Gauge},
    {"process_start_time_seconds", {}, MetricType::Gauge},
    {"process_cpu_seconds_total", {}, MetricType::Counter},
    {"process_resident_memory_bytes", {}, MetricType::Gauge},
    {"process_open_fds", {}, MetricType::Gauge},
    {"process_max_fds", {}, MetricType::Gauge},
};

TEST(Collector, NamesLabelsAndKindsAreThoseOfTheContract) {
  World world;
  fillAll(world);
  const auto families = readFamilies(world.text());
  ASSERT_EQ(families.size(), std::size(kContract));
  for (size_t i = 0; i < families.size(); ++i) {
    EXPECT_EQ(families[i].name, kContract[i].name);
    EXPECT_EQ(families[i].type, typeWord(kContract[i].type)) << families[i].name;
    for (const ReadSample& sample : families[i].samples) {
      std::vector<std::string> labels;
      for (const auto& [name, value] : sample.labels) {
        if (name != "le") labels.push_back(name);
      }
      EXPECT_THAT(labels, ::testing::ElementsAreArray(kContract[i].labels)) << families[i].name;
    }
  }
}

// The closed lists of CONTRACT §6; of the endpoints' states those that this version knows.
TEST(Collector, WordsAreThoseOfTheContract) {
  World world;
  fillAll(world);
  std::map<std::string, std::vector<std::string>> words;
  for (const ReadFamily& family : readFamilies(world.text())) {
    for (const ReadSample& sample : family.samples) {
      for (const auto& [name, value] : sample.labels) {
        if (name != "upstream") words[family.name + " " + name].push_back(value);
      }
    }
  }
  using Words = std::vector<std::string>;
  const Words connects{"ok", "failed", "timeout"};
  EXPECT_EQ(words["outrigger_attempts_total result"],
            (Words{"ok", "status", "timeout", "reset", "connect", "cancelled"}));
  EXPECT_EQ(words["outrigger_grpc_responses_total grpc_status"],
            (Words{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
                   "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
                   "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}));
  EXPECT_EQ(words["outrigger_retries_total cause"], (Words{"unsent", "reset", "timeout", "status"}));
  EXPECT_EQ(words["outrigger_retries_refused_total why"],
            (Words{"limit", "budget", "method", "key", "body", "deadline", "breaker", "pushback"}));
  EXPECT_EQ(words["outrigger_breaker_transitions_total to"], (Words{"closed", "half-open", "open"}));
  EXPECT_EQ(words["outrigger_ejections_total cause"], (Words{"consecutive", "errors", "latency", "health"}));
  EXPECT_EQ(words["outrigger_endpoints state"], (Words{"healthy", "ejected", "returning", "unhealthy", "draining"}));
  EXPECT_EQ(words["outrigger_limit_rejections_total limit"], (Words{"connections", "requests", "pending"}));
  EXPECT_EQ(words["outrigger_upstream_connections state"], (Words{"active", "idle"}));
  EXPECT_EQ(words["outrigger_upstream_connects_total result"], connects);
  EXPECT_EQ(words["outrigger_downstream_connections direction"], (Words{"inbound", "outbound"}));
  EXPECT_EQ(words["outrigger_config_reloads_total result"], (Words{"applied", "unchanged", "rejected"}));
  EXPECT_EQ(words["outrigger_discovery_updates_total result"], (Words{"applied", "unchanged", "failed"}));
}

// families.h is what control/METRICS.md is made from.
TEST(Collector, TheTableSaysWhatMayStandInEachLabel) {
  World world;
  fillAll(world);
  for (const ReadFamily& family : readFamilies(world.text())) {
    const auto* row = std::ranges::find(kFamilies, family.name, &FamilyRow::name);
    ASSERT_NE(row, std::end(kFamilies)) << family.name;
    for (const ReadSample& sample : family.samples) {
      for (const auto& [name, value] : sample.labels) {
        if (name == "le") continue;
        const auto label = std::ranges::find(row->labels, name, &LabelRow::name);
        ASSERT_NE(label, row->labels.end()) << family.name << " " << name;
        EXPECT_NE(label->words.empty(), label->what.empty()) << family.name << ": a closed list, or what stands there";
        if (!label->words.empty()) {
          EXPECT_THAT(label->words, ::testing::Contains(value)) << family.name;
        }
      }
    }
  }
}

TEST(Collector, HelpIsOneSentence) {
  World world;
  fillAll(world);
  for (const ReadFamily& family : readFamilies(world.text())) {
    EXPECT_TRUE(family.help.ends_with('.')) << family.name;
    EXPECT_EQ(family.help.find_first_of("\n\\"), std::string::npos) << family.name;
  }
}

// ---- The text ----------------------------------------------------------------------------------------------------

constexpr const char* kProcessOnly =
    R"(# HELP outrigger_config_last_reload_successful Whether the newest version of the config file is the one in effect.
# TYPE outrigger_config_last_reload_successful gauge
outrigger_config_last_reload_successful 1
# HELP outrigger_config_last_reload_success_timestamp_seconds When the config in effect was brought into effect, in seconds since 1970.
# TYPE outrigger_config_last_reload_success_timestamp_seconds gauge
outrigger_config_last_reload_success_timestamp_seconds 1800000000
# HELP outrigger_config_reloads_total Looks at the config file after the first one, by what came of them.
# TYPE outrigger_config_reloads_total counter
outrigger_config_reloads_total{result="applied"} 1
outrigger_config_reloads_total{result="unchanged"} 0
outrigger_config_reloads_total{result="rejected"} 2
# HELP outrigger_config_info The config in effect, by the first digits of the file's SHA-256.
# TYPE outrigger_config_info gauge
outrigger_config_info{hash="0123abcd"} 1
# HELP outrigger_series_dropped Routes and upstreams that found no room within `metrics.maxSeries` and are counted under `other`.
# TYPE outrigger_series_dropped gauge
outrigger_series_dropped 0
# HELP outrigger_log_lines_dropped_total Lines that were lost, for whoever reads stdout (access) or stderr (process) is too slow.
# TYPE outrigger_log_lines_dropped_total counter
outrigger_log_lines_dropped_total{stream="access"} 0
outrigger_log_lines_dropped_total{stream="process"} 0
# HELP outrigger_build_info The program that runs.
# TYPE outrigger_build_info gauge
outrigger_build_info{version="0.1.0"} 1
# HELP outrigger_draining Whether this process takes its leave.
# TYPE outrigger_draining gauge
outrigger_draining 0
# HELP process_start_time_seconds When the process started, in seconds since 1970.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1799999000
# HELP process_cpu_seconds_total Processor time that the process has used, user and system.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
# HELP process_resident_memory_bytes Memory of the process that is resident.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8388608
# HELP process_open_fds File descriptors that are open.
# TYPE process_open_fds gauge
process_open_fds 17
# HELP process_max_fds File descriptors that may be open.
# TYPE process_max_fds gauge
process_max_fds 1024
)";

TEST(Collector, BeforeAnyRequestThereIsOnlyTheProcess) {
  World world;
  world.requests({Direction::Outbound, "r", "payments"});
  world.upstream("payments");
  EXPECT_EQ(world.text(), kProcessOnly);
}

TEST(Collector, TheTextOfAHandFilledShard) {
  World world;
  metrics::RequestSeries& requests = world.requests({Direction::Outbound, "create", "payments"});
  for (const Duration took : std::array<Duration, 4>{500us, 1ms, 2ms, 20s}) {
    requests.requests.add(took < 1s ? 200 : 504, took < 1s ? Reason::Ok : Reason::RequestTimeout);
    requests.duration.observe(took, world.shards[0]->bounds);
  }
  metrics::RequestSeries& unrouted = world.requests({Direction::Inbound, "", ""});
  unrouted.requests.add(404, Reason::NoRoute);
  unrouted.duration.observe(100us, world.shards[0]->bounds);
  metrics::UpstreamSeries& upstream = world.upstream("payments");
  upstream.attempts[0].add(3);
  upstream.attempts[2].add();
  upstream.breakerState.set(0);
  upstream.breakerTransitions[2].add();
  upstream.breakerTransitions[1].add();
  upstream.breakerTransitions[0].add();
  upstream.endpoints[0].set(2);
  upstream.connects[0].add(2);
  upstream.connectionsIdle.set(2);
  const std::string text = world.text();
  ASSERT_TRUE(text.ends_with(kProcessOnly));
  EXPECT_EQ(text.substr(0, text.size() - Bytes(kProcessOnly).size()),
            R"(# HELP outrigger_requests_total Requests that have ended, by status and by the reason why they ended.
# TYPE outrigger_requests_total counter
outrigger_requests_total{direction="inbound",route="",upstream="",code="404",reason="no-route"} 1
outrigger_requests_total{direction="outbound",route="create",upstream="payments",code="200",reason="ok"} 3
outrigger_requests_total{direction="outbound",route="create",upstream="payments",code="504",reason="request-timeout"} 1
# HELP outrigger_request_duration_seconds Time from the first octet of a request to the last of its answer.
# TYPE outrigger_request_duration_seconds histogram
outrigger_request_duration_seconds_count{direction="inbound",route="",upstream=""} 1
outrigger_request_duration_seconds_sum{direction="inbound",route="",upstream=""} 0.0001
outrigger_request_duration_seconds_bucket{direction="inbound",route="",upstream="",le="0.001"} 1
outrigger_request_duration_seconds_bucket{direction="inbound",route="",upstream="",le="0.1"} 1
outrigger_request_duration_seconds_bucket{direction="inbound",route="",upstream="",le="10"} 1
outrigger_request_duration_seconds_bucket{direction="inbound",route="",upstream="",le="+Inf"} 1
outrigger_request_duration_seconds_count{direction="outbound",route="create",upstream="payments"} 4
outrigger_request_duration_seconds_sum{direction="outbound",route="create",upstream="payments"} 20.0035
outrigger_request_duration_seconds_bucket{direction="outbound",route="create",upstream="payments",le="0.001"} 2
outrigger_request_duration_seconds_bucket{direction="outbound",route="create",upstream="payments",le="0.1"} 3
outrigger_request_duration_seconds_bucket{direction="outbound",route="create",upstream="payments",le="10"} 3
outrigger_request_duration_seconds_bucket{direction="outbound",route="create",upstream="payments",le="+Inf"} 4
# HELP outrigger_requests_in_flight Requests that were given to an upstream and have not ended.
# TYPE outrigger_requests_in_flight gauge
outrigger_requests_in_flight{direction="outbound",upstream="payments"} 0
# HELP outrigger_attempts_total Attempts at an endpoint of the upstream, by how they ended.
# TYPE outrigger_attempts_total counter
outrigger_attempts_total{upstream="payments",result="ok"} 3
outrigger_attempts_total{upstream="payments",result="timeout"} 1
# HELP outrigger_breaker_state State of the upstream's breaker: 0 closed, 1 half-open, 2 open.
# TYPE outrigger_breaker_state gauge
outrigger_breaker_state{upstream="payments"} 0
# HELP outrigger_breaker_transitions_total Changes of the breaker's state, by the new state.
# TYPE outrigger_breaker_transitions_total counter
outrigger_breaker_transitions_total{upstream="payments",to="closed"} 1
outrigger_breaker_transitions_total{upstream="payments",to="half-open"} 1
outrigger_breaker_transitions_total{upstream="payments",to="open"} 1
# HELP outrigger_endpoints Endpoints of the upstream, by state.
# TYPE outrigger_endpoints gauge
outrigger_endpoints{upstream="payments",state="healthy"} 2
outrigger_endpoints{upstream="payments",state="ejected"} 0
outrigger_endpoints{upstream="payments",state="returning"} 0
outrigger_endpoints{upstream="payments",state="unhealthy"} 0
outrigger_endpoints{upstream="payments",state="draining"} 0
# HELP outrigger_upstream_connections Open connections to endpoints, by whether they serve a request.
# TYPE outrigger_upstream_connections gauge
outrigger_upstream_connections{upstream="payments",state="active"} 0
outrigger_upstream_connections{upstream="payments",state="idle"} 2
# HELP outrigger_upstream_connects_total Connections to endpoints that were begun, by what came of them.
# TYPE outrigger_upstream_connects_total counter
outrigger_upstream_connects_total{upstream="payments",result="ok"} 2
# HELP outrigger_downstream_connections Open connections of callers.
# TYPE outrigger_downstream_connections gauge
outrigger_downstream_connections{direction="inbound"} 0
outrigger_downstream_connections{direction="outbound"} 0
)");
}

TEST(Collector, WhatFindsNoRoomIsCounted) {
  World world(1, 130);
  for (int round = 0; round < 2; ++round) {  // a reload asks again
    for (const char* name : {"a", "b", "c", "d"}) {
      world.upstream(name).attempts[0].add();
      world.requests({Direction::Outbound, name, name}).requests.add(200, Reason::Ok);
    }
  }
  const std::string text = world.text();
  EXPECT_THAT(text, HasSubstr("\noutrigger_series_dropped 2\n"));
  EXPECT_THAT(text, HasSubstr("outrigger_attempts_total{upstream=\"other\",result=\"ok\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr("{direction=\"outbound\",route=\"other\",upstream=\"other\",code=\"200\",reason=\"ok\"} 2\n"));
}

TEST(Collector, AnUpstreamThatIsGoneIsNotShownAsItWasLastSeen) {
  World world;
  fillAll(world);
  world.facts.upstreams = {};
  const std::string text = world.text();
  EXPECT_THAT(text, Not(HasSubstr("outrigger_breaker_state{")));
  EXPECT_THAT(text, Not(HasSubstr("outrigger_endpoints{")));
  EXPECT_THAT(text, HasSubstr("outrigger_attempts_total{")) << "what was counted stays counted";
}

TEST(Collector, WhatAnOperatorNamesIsEscaped) {
  World world;
  world.facts.version = "1\"2\\3\n4";
  EXPECT_THAT(world.text(), HasSubstr("outrigger_build_info{version=\"1\\\"2\\\\3\\n4\"} 1\n"));
}

TEST(Collector, WhereTheKernelTellsNothingTheProcessStillHasItsStart) {
  World world;
  world.facts.stats.reset();
  EXPECT_THAT(world.text(), HasSubstr("process_start_time_seconds"));
  EXPECT_THAT(world.text(), Not(HasSubstr("process_open_fds")));
}

TEST(Collector, PromtoolHasNothingToSay) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  World world(2);
  fillAll(world);
  const auto file = std::filesystem::temp_directory_path() / "outrigger-collector-test.prom";
  std::ofstream(file) << world.text();
  const auto said = std::filesystem::path(file).replace_extension(".said");
  const int result = std::system(("promtool check metrics <" + file.string() + " >" + said.string() + " 2>&1").c_str());
  std::ostringstream words;
  words << std::ifstream(said).rdbuf();
  EXPECT_EQ(result, 0);
  EXPECT_EQ(words.str(), "");
  std::filesystem::remove(file);
  std::filesystem::remove(said);
}

TEST(Collector, TunnelsOfAllWorkers) {
  World world(2);
  for (size_t worker = 0; worker < 2; ++worker) {
    metrics::TunnelSeries& tunnels = world.tunnels({Direction::Inbound, "app"}, worker);
    tunnels.ended.add(0, worker == 0 ? Reason::Ok : Reason::IdleTimeout);
    tunnels.sent.add(100);
    tunnels.open.set(3);
    world.shards[worker]->worker.probes[0].add();
    world.shards[worker]->worker.detections[0][static_cast<size_t>(metrics::Detection::ServerFirst)].add(4);
  }
  const std::string text = world.text();
  for (const char* line :
       {"outrigger_tcp_connections_total{direction=\"inbound\",upstream=\"app\",reason=\"ok\"} 1\n",
        "outrigger_tcp_connections_total{direction=\"inbound\",upstream=\"app\",reason=\"idle-timeout\"} 1\n",
        "outrigger_tcp_bytes_total{direction=\"inbound\",upstream=\"app\",way=\"sent\"} 200\n",
        "outrigger_tcp_open_connections{direction=\"inbound\",upstream=\"app\"} 6\n",
        "outrigger_detections_total{direction=\"inbound\",verdict=\"server-first\"} 8\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_EQ(text.find("way=\"received\""), std::string::npos) << "what never happened is not shown";
}

}  // namespace
}  // namespace outrigger::control::telemetry
