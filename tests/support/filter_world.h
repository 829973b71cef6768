// For tests of filters: a filter made from the text of a config file, as the program would make it, and what a filter
// may use while it runs.
#pragma once

#include <string>

#include "config/load.h"
#include "filters/registry.h"
#include "proxy/exchange/filter.h"

namespace outrigger::testing {

/// Loads a file whose one route has the filter `written`, such as "headers: {request: {remove: [x-debug]}}".
inline config::LoadResult loadWithFilter(const std::string& written) {
  const std::string file =
      "version: 1\n"
      "upstreams: {u: {endpoints: [\"127.0.0.1:9001\"]}}\n"
      "routes:\n"
      "  - to: u\n"
      "    filters: [{" +
      written + "}]\n";
  return config::load(
      file, "f.yaml", [](Bytes) { return std::nullopt; }, filters::schemas());
}

/// What the loader has to say about it: "OR137 ...; OR121 ...", empty if nothing.
inline std::string findingsOf(const std::string& written) {
  std::string text;
  for (const config::Diagnostic& found : loadWithFilter(written).diagnostics) {
    text += (text.empty() ? "" : "; ") + config::codeText(found.code) + " " + found.message;
  }
  return text;
}

/// nullptr: the loader refuses it.
inline std::shared_ptr<const exchange::Filter> makeFilter(const std::string& written) {
  const auto loaded = loadWithFilter(written);
  if (loaded.model == nullptr) return nullptr;
  const config::FilterModel& model = loaded.model->routes.front().filters.front();
  return filters::make(model.name, model.settings);
}

class FilterWorld final : public exchange::FilterContext {
 public:
  explicit FilterWorld(uint64_t seed = 1) : rng_(seed) {}

  Instant now() const override { return now_; }
  Rng& rng() override { return rng_; }
  Arena& arena() override { return arena_; }
  Direction direction() const override { return Direction::Outbound; }
  const PeerInfo& peer() const override { return peer_; }
  exchange::Resumption resumption() override { return {}; }

  void pass(Duration time) { now_ += time; }
  void setNow(Instant now) { now_ = now; }

 private:
  Instant now_{1000s};
  Rng rng_;
  ChunkPool chunks_;
  Arena arena_{chunks_};
  PeerInfo peer_;
};

}  // namespace outrigger::testing
