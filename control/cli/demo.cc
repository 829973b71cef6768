#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "control/cli/verbs.h"
#include "control/demo/display.h"
#include "control/demo/toy_service.h"
#include "control/demo/traffic.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {
namespace {

using demo::Mood;

constexpr double kRequestsPerSecond = 120;  // to each service

/// The services of the demo: each has another trouble that the defaults must cope with.
struct Cast {
  const char* name;
  const char* about;
  std::vector<Mood> instances;
};

std::vector<Cast> cast() {
  const Mood well;
  const Mood slow{.slowShare = 0.2, .slowBy = 300ms};
  const Mood waves{.wave = 6s, .failing = 2500ms};
  return {
      {"catalog", "one of three instances is slow at times", {well, well, slow}},
      {"payments", "one of three instances fails in waves", {well, well, waves}},
      {"recommendations", "all instances fail in waves", {waves, waves}},
  };
}

/// A folder that goes away with us.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "outrigger-demo-XXXXXX";
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string writeConfig(demo::ToyServices& services, const std::vector<Cast>& all) {
  std::string text =
      "# The demo's config. Edit it while the demo runs: it is applied within a second.\n"
      "version: 1\n"
      "listen: {outbound: \"127.0.0.1:0\", admin: \"127.0.0.1:0\", telemetry: \"127.0.0.1:0\"}\n"
      "log: {level: error, access: none}\n"
      "upstreams:\n";
  for (const Cast& service : all) {
    text += "  " + std::string(service.name) + ": {endpoints: [";
    const char* comma = "";
    for (const Mood& mood : service.instances) {
      text += comma + ("\"" + services.add(mood).text() + "\"");
      comma = ", ";
    }
    text += "]}\n";
  }
  return text;
}

class Demo {
 public:
  explicit Demo(std::optional<Duration> length)
      : length_(length), log_(writer_, true), loop_(net::randomSeed()), cast_(cast()) {}

  int run() {
    const std::string file = folder_.path() + "/outrigger.yaml";
    std::ofstream(file) << writeConfig(services_, cast_);
    sidecar_.emplace(loop_, log_, writer_,
                     Sidecar::Options{.configFile = file, .defaultsFile = {}, .stateFolder = {}, .workers = 1});
    const net::Signals signals(loop_, {SIGTERM, SIGINT}, [this](int) { loop_.stop(); });
    if (!sidecar_->start()) {
      std::fputs(sidecar_->reloader().state().lastError.c_str(), stderr);
      return kFinding;
    }
    sidecar_->follow();
    services_.start();
    introduce(file);
    begin();
    loop_.run();
    display_->summary(loop_.turn().now - begun_);
    traffic_.reset();
    return kOk;
  }

 private:
  void introduce(const std::string& file) {
    const auto& at = sidecar_->listeners().addresses();
    std::printf("A sidecar on %s, %zu toy services behind it, %.0f requests/s to each.\n",
                at.at("outbound").text().c_str(), cast_.size(), kRequestsPerSecond);
    std::printf("Try:  curl -H 'Host: catalog' http://%s/    curl http://%s/api/decisions    curl http://%s/metrics\n",
                at.at("outbound").text().c_str(), at.at("admin").text().c_str(), at.at("telemetry").text().c_str());
    std::printf("Edit: %s    Stop: Ctrl-C\n\n", file.c_str());
  }

  void begin() {
    std::vector<std::string> names;
    for (const Cast& service : cast_) names.emplace_back(service.name);
    traffic_.emplace(sidecar_->listeners().addresses().at("outbound"), names, kRequestsPerSecond);
    std::vector<demo::Display::Service> shown;
    for (size_t i = 0; i < cast_.size(); ++i) {
      shown.push_back({cast_[i].name, cast_[i].about, &sidecar_->series(cast_[i].name), &traffic_->seen(i)});
    }
    display_.emplace(std::move(shown), ::isatty(STDOUT_FILENO) == 1);
    sidecar_->onEveryDecision([this](const server::Decision& decision) { display_->note(decision); });
    begun_ = shownAt_ = loop_.turn().now;
    traffic_->start();
    loop_.turn().timers.arm(tick_, begun_ + kShowEvery);
  }

  void onTick() {
    const Instant now = loop_.turn().now;
    display_->show(now - shownAt_);
    shownAt_ = now;
    if (length_ && now - begun_ >= *length_) return loop_.stop();
    loop_.turn().timers.arm(tick_, now + kShowEvery);
  }

  static constexpr Duration kShowEvery = 1s;

  std::optional<Duration> length_;
  TemporaryFolder folder_;
  LogWriter writer_;
  Log log_;
  net::EventLoop loop_;
  std::vector<Cast> cast_;
  demo::ToyServices services_;
  std::optional<Sidecar> sidecar_;
  std::optional<demo::Traffic> traffic_;
  std::optional<demo::Display> display_;
  Instant begun_{};
  Instant shownAt_{};
  Timer<Demo, &Demo::onTick> tick_{*this};
};

}  // namespace

int runDemo(std::optional<Duration> length) {
  net::Signals::ignorePipe();
  net::raiseDescriptorLimit();
  return Demo(length).run();
}

}  // namespace outrigger::control::cli
