// What `outrigger explain` says of a request's worst case holds of the worker: under random policies and upstreams that
// hang, fail, reset, answer late or are down, no request makes more tries, reaches a service more often or takes longer
// than was said. And the bounds are no wider than they need be: each is reached.
#include <gtest/gtest.h>

#include <set>

#include "control/explain/explanation.h"
#include "filters/registry.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kRetryAfter = 1000;  // ms
constexpr double kOnTheWire = 5;      // ms: connecting, and back to the caller

// What was said before, and what came.
struct Outcome {
  Json said;
  uint64_t tries = 0;
  uint64_t hits = 0;
  double millis = 0;
};

class RandomRequest {
 public:
  explicit RandomRequest(uint64_t seed) : world_(seed), rng_(seed * 7919) {
    limit_ = rng_.below(4);
    first_ = &script(world_.upstream("first"));
    second_ = &script(world_.upstream("second"));
    config_ = randomConfig();
  }

  Outcome run() {
    Sidecar& sidecar = world_.sidecar(config_);
    const std::string method = oneOf({"GET", "PUT", "POST"});
    test::Headers headers;
    if (oneOf({"", "key"}) != "") headers.emplace_back("x-key", "1");
    if (oneOf({"", "", "", "hurry"}) != "") headers.emplace_back("outrigger-timeout-ms", "700");
    Outcome outcome{.said = explain(method, headers)};
    const Instant begun = world_.loop().now();
    sidecar.request(method, "orders", "/x", headers);
    outcome.millis = std::chrono::duration<double, std::milli>(world_.loop().now() - begun).count();
    for (const auto& count : sidecar.series("orders").attempts) outcome.tries += count.value();
    outcome.hits = first_->heads() + second_->heads();
    return outcome;
  }
  const std::string& config() const { return config_; }

 private:
  std::string oneOf(std::vector<std::string> words) { return words[rng_.below(words.size())]; }

  Upstream& script(Upstream& upstream) {
    upstream.replies(200);
    if (rng_.below(5) == 0) {
      upstream.down();
      return upstream;
    }
    for (int i = 0; i < 6; ++i) {
      switch (rng_.below(5)) {
        case 0: upstream.thenHangs(); break;
        case 1:
          upstream.then(503, "ok", rng_.below(4) == 0 ? test::Headers{{"retry-after", "1"}} : test::Headers{});
          break;
        case 2: upstream.thenResets(); break;
        case 3: upstream.then(503).after(rng_.between(1ms, 300ms)); break;
        default: upstream.then(200).after(rng_.between(1ms, 900ms));
      }
    }
    upstream.next();  // the 200 that the script began with
    return upstream;
  }

  std::string randomConfig() {
    // Something must end a request that nobody answers.
    const std::string request = oneOf({"500ms", "1s", "2s500ms", "none"});
    const std::string attempt =
        request == "none" ? oneOf({"50ms", "400ms"}) : oneOf({"auto", "auto", "none", "50ms", "400ms"});
    return "policies: {default: {breaker: none, eject: none, timeout: {request: " + request + ", attempt: " + attempt +
           ", connect: 100ms}, retry: {limit: " + std::to_string(limit_) + ", idempotencyKey: x-key, when: " +
           oneOf({"[unsent, reset, timeout, 502, 503, 504]", "[unsent]", "[reset]", "[timeout]", "[503, reset]"}) +
           ", backoff: {base: " + oneOf({"1ms", "25ms"}) + ", max: 200ms}}, hedge: {percent: " + oneOf({"0", "10"}) +
           "}}}\nupstreams: {orders: {balance: round-robin, endpoints: ['${first}', '${second}']}}";
  }

  Json explain(const std::string& method, const test::Headers& headers) {
    std::vector<std::string> lines;
    for (const auto& [name, value] : headers) lines.push_back(name + ": " + value);
    const auto asked =
        control::explain::AskedRequest::read({.method = method, .url = "http://orders/x", .headers = lines});
    const auto loaded = config::load(
        "version: 1\n" + config_, "outrigger.yaml", [this](Bytes name) { return world_.lookUp(name); },
        filters::schemas());
    return control::explain::explanation(*asked, loaded).at("targets").at(0).at("worst_case");
  }

  World world_;
  Rng rng_;
  uint64_t limit_ = 0;
  Upstream* first_;
  Upstream* second_;
  std::string config_;
};

TEST(WorstCase, NoRequestGoesBeyondWhatWasSaid) {
  size_t allTries = 0;
  size_t allTime = 0;
  size_t allHits = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    RandomRequest request(seed);
    const Outcome outcome = request.run();
    const Json& said = outcome.said;
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + request.config() + "\n" + said.dump());
    const uint64_t tries = said.at("tries").get<uint64_t>() + (said.at("hedged").get<bool>() ? 1 : 0);
    EXPECT_LE(outcome.tries, tries);
    EXPECT_LE(outcome.hits, said.at("load").get<double>());
    allTries += outcome.tries == tries ? 1 : 0;
    allHits += static_cast<double>(outcome.hits) == said.at("load").get<double>() && outcome.hits > 1 ? 1 : 0;
    // Without a cap nothing bounds a Retry-After; these ask for a second each.
    const bool bounded = !said.at("total_ms").is_null();
    const double total = bounded ? said.at("total_ms").get<double>()
                                 : said.at("tried_ms").get<double>() + kRetryAfter * said.at("tries").get<double>();
    EXPECT_LE(outcome.millis, total + kOnTheWire);
    allTime += outcome.millis > 0.95 * total ? 1 : 0;
  }
  EXPECT_GT(allTries, 20U) << "the bound of tries is never reached: it is wider than it need be";
  EXPECT_GT(allHits, 20U);
  EXPECT_GT(allTime, 20U);
}

}  // namespace
}  // namespace outrigger::sim
