// For tests of discovery: an API server that has EndpointSlices of one service, lists them in pages, and tells watches
// what happens from the version on that they name. It forgets, cuts, lies and falls silent as a test wants it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"
#include "tests/support/scripted_server.h"

namespace outrigger::testing {

struct FakeEndpoint {
  std::string address;
  bool ready = true;
  bool serving = true;
  bool terminating = false;
  std::string pod{};
};

/// One EndpointSlice as the API gives it; `ports` as JSON.
inline std::string sliceJson(const std::string& name, uint64_t version, const std::vector<FakeEndpoint>& endpoints,
                             const std::string& type = "IPv4",
                             const std::string& ports = R"([{"name":"http","protocol":"TCP","port":8080}])") {
  const auto word = [](bool truth) { return truth ? "true" : "false"; };
  std::string list;
  for (const FakeEndpoint& each : endpoints) {
    list += std::string(list.empty() ? "" : ",") + R"({"addresses":[")" + each.address +
            R"("],"conditions":{"ready":)" + word(each.ready) + R"(,"serving":)" + word(each.serving) +
            R"(,"terminating":)" + word(each.terminating) + "}";
    if (!each.pod.empty()) list += R"(,"targetRef":{"kind":"Pod","uid":")" + each.pod + R"("})";
    list += "}";
  }
  return R"({"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":")" + name +
         R"(","resourceVersion":")" + std::to_string(version) + R"("},"addressType":")" + type + R"(","endpoints":[)" +
         list + R"(],"ports":)" + ports + "}";
}

inline std::string eventJson(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

inline std::string statusJson(int code, const std::string& message) {
  return R"({"kind":"Status","status":"Failure","message":")" + message + R"(","code":)" + std::to_string(code) + "}";
}

class FakeKubernetes {
 public:
  using Asked = ScriptedServer::Asked;

  explicit FakeKubernetes(Turn& turn) : server(turn) {
    server.onAsked = [this](Asked& asked) { onAsked(asked); };
  }

  void put(const std::string& name, std::vector<FakeEndpoint> endpoints, const std::string& type = "IPv4") {
    const bool known = slices_.contains(name);
    slices_[name] = sliceJson(name, ++version, endpoints, type);
    happen(eventJson(known ? "MODIFIED" : "ADDED", slices_[name]));
  }
  void remove(const std::string& name) {
    slices_.erase(name);
    happen(eventJson("DELETED", sliceJson(name, ++version, {})));
  }
  void bookmark() {
    say(eventJson("BOOKMARK", R"({"metadata":{"resourceVersion":")" + std::to_string(version) + "\"}}"));
  }
  /// Any octets, to all watches.
  void say(const std::string& text) {
    for (Asked* watch : watches()) watch->send(text);
  }
  /// What has happened so far cannot be watched any more; those who do are told so.
  void forget() {
    history_.clear();
    oldest_ = version;
    ++forgettings_;
    say(eventJson("ERROR", statusJson(410, "too old resource version")));
    for (Asked* watch : watches()) watch->end();
  }
  void cut() {
    for (Asked* watch : watches()) watch->abort();
  }
  void endWatches() {
    for (Asked* watch : watches()) watch->end();
  }
  std::vector<Asked*> watches() {
    std::vector<Asked*> open;
    for (const auto& asked : server.all) {
      if (asked->open() && isWatch(*asked)) open.push_back(asked.get());
    }
    return open;
  }
  size_t count(bool watches) const {
    return static_cast<size_t>(
        std::ranges::count_if(server.all, [&](const auto& asked) { return isWatch(*asked) == watches; }));
  }

  ScriptedServer server;
  uint64_t version = 100;
  size_t pageSize = 0;       ///< at most; 0: what the caller wants
  bool silent = false;       ///< takes requests and says nothing
  uint16_t refuses = 0;      ///< answers with this status
  std::string token;         ///< if not empty: what has to be shown
  std::string listText;      ///< if not empty: what a list is instead
  bool acceptsWatch = true;  ///< else a watch is silent

 private:
  struct Rest {
    std::vector<std::string> slices;
    std::string version;
    int forgettings = 0;
  };

  static bool isWatch(const Asked& asked) { return asked.target.find("watch=true") != std::string::npos; }
  static std::string parameter(const std::string& target, const std::string& name) {
    const size_t at = target.find("&" + name + "=");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 2;
    return target.substr(begin, target.find('&', begin) - begin);
  }

  void happen(const std::string& event) {
    history_[version] = event;
    say(event);
  }

  void onAsked(Asked& asked) {
    if (silent) return;
    if (!token.empty() && asked.authorization != "Bearer " + token) {
      return asked.reply(401, statusJson(401, "Unauthorized"));
    }
    if (refuses != 0) return asked.reply(refuses, statusJson(refuses, "not today"));
    isWatch(asked) ? watch(asked) : list(asked);
  }

  void watch(Asked& asked) {
    if (!acceptsWatch) return;
    const uint64_t from = parseDecimal(parameter(asked.target, "resourceVersion")).value_or(0);
    if (from < oldest_) return asked.reply(410, statusJson(410, "too old resource version"));
    asked.begin();
    for (auto at = history_.upper_bound(from); at != history_.end(); ++at) asked.send(at->second);
  }

  void list(Asked& asked) {
    if (!listText.empty()) return asked.reply(200, listText);
    const std::string from = parameter(asked.target, "continue");
    Rest rest{{}, std::to_string(version), forgettings_};
    if (from.empty()) {
      for (const auto& [name, json] : slices_) rest.slices.push_back(json);
    } else {
      rest = rests_[from];
      if (rest.forgettings != forgettings_) return asked.reply(410, statusJson(410, "the continue token has expired"));
    }
    size_t limit = parseDecimal(parameter(asked.target, "limit")).value_or(1000);
    if (pageSize != 0) limit = std::min(limit, pageSize);
    std::string items;
    size_t used = 0;
    for (; used < rest.slices.size() && used < limit; ++used) items += (used == 0 ? "" : ",") + rest.slices[used];
    rest.slices.erase(rest.slices.begin(), rest.slices.begin() + static_cast<ptrdiff_t>(used));
    std::string next;
    if (!rest.slices.empty()) {
      next = "rest" + std::to_string(rests_.size());
      rests_[next] = rest;
    }
    asked.reply(200, R"({"kind":"EndpointSliceList","metadata":{"resourceVersion":")" + rest.version +
                         R"(","continue":")" + next + R"("},"items":[)" + items + "]}");
  }

  std::map<std::string, std::string> slices_;  // JSON by name
  std::map<uint64_t, std::string> history_;    // what happened, by version
  std::map<std::string, Rest> rests_;          // of lists, by token
  uint64_t oldest_ = 0;
  int forgettings_ = 0;
};

}  // namespace outrigger::testing
