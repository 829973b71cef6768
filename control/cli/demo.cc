#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "control/cli/keyboard.h"
#include "control/cli/temporary_folder.h"
#include "control/cli/verbs.h"
#include "control/demo/display.h"
#include "control/demo/scene.h"
#include "control/demo/story.h"
#include "control/demo/traffic.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {
namespace {

constexpr double kRequestsPerSecond = 120;  // to each service

// Opens a page in the browser of who sits here, where there is one; whether that works out does not matter.
void openInBrowser(const std::string& url) {
  const bool desktop = std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr;
  if (!desktop || ::isatty(STDOUT_FILENO) != 1) return;
  std::string program = "xdg-open";
  std::string page = url;
  char* const arguments[] = {program.data(), page.data(), nullptr};
  posix_spawn_file_actions_t silent;
  ::posix_spawn_file_actions_init(&silent);
  ::posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&silent, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t ignored = 0;
  ::posix_spawnp(&ignored, program.c_str(), &silent, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&silent);
}

class Demo {
 public:
  explicit Demo(std::optional<Duration> length) : length_(length), log_(writer_, true), loop_(net::randomSeed()) {}

  int run() {
    const std::string file = folder_.path() + "/outrigger.yaml";
    std::ofstream(file) << scene_.config();
    sidecar_.emplace(loop_, log_, writer_,
                     Sidecar::Options{.configFile = file, .defaultsFile = {}, .stateFolder = {}, .workers = 1});
    const net::Signals signals(loop_, {SIGTERM, SIGINT}, [this](int) { loop_.stop(); });
    if (!sidecar_->start()) {
      std::fputs(sidecar_->reloader().state().lastError.c_str(), stderr);
      return kFinding;
    }
    sidecar_->follow();
    scene_.start();
    introduce(file);
    begin();
    loop_.run();
    if (!story_.service().empty()) {
      story_.finish(display_->tally(told_), loop_.turn().now);
      display_->tell(story_);
      if (::isatty(STDOUT_FILENO) == 1) display_->show(loop_.turn().now - shownAt_);
    }
    display_->summary(loop_.turn().now - begun_);
    traffic_.reset();
    return kOk;
  }

 private:
  void introduce(const std::string& file) {
    const auto& at = sidecar_->listeners().addresses();
    const std::string page = "http://" + at.at("admin").text() + "/";
    std::printf("A sidecar on %s, %zu toy services behind it, %.0f requests/s to each; its file: %s\n",
                at.at("outbound").text().c_str(), scene_.cast().size(), kRequestsPerSecond, file.c_str());
    std::printf("The live page: %s    Metrics: http://%s/metrics\n", page.c_str(), at.at("telemetry").text().c_str());
    std::printf("Stop: Ctrl-C. %s%s\n\n", keyboard_.present() ? "Keys: " : "",
                keyboard_.present() ? demo::Scene::keys() : "");
    openInBrowser(page);
  }

  void begin() {
    std::vector<std::string> names;
    for (const demo::Cast& service : scene_.cast()) names.push_back(service.name);
    traffic_.emplace(sidecar_->listeners().addresses().at("outbound"), names, kRequestsPerSecond);
    std::vector<demo::Display::Service> shown;
    for (size_t i = 0; i < names.size(); ++i) {
      shown.push_back({names[i], scene_.cast()[i].about, &sidecar_->series(names[i]), &traffic_->seen(i)});
    }
    display_.emplace(std::move(shown), ::isatty(STDOUT_FILENO) == 1);
    sidecar_->onEveryDecision([this](const server::Decision& decision) {
      story_.note(decision, loop_.turn().now);
      display_->note(decision);
    });
    begun_ = shownAt_ = loop_.turn().now;
    traffic_->start();
    loop_.turn().timers.arm(tick_, begun_ + kLookEvery);
  }

  void press(char key) {
    if (key == 'q') return loop_.stop();
    const auto deed = scene_.press(key);
    if (!deed) return;
    const Instant now = loop_.turn().now;
    told_ = deed->service;
    const demo::Tally tally = display_->tally(told_);
    deed->mends ? story_.mend(tally, now) : story_.begin(scene_.cast()[told_].name, deed->text, tally, now);
  }

  // Where nobody sits at the keys of a demo that ends by itself, a service fails for its second quarter.
  void pressByClock(Duration passed) {
    if (keyboard_.present() || !length_ || *length_ < kShortestWithOutage) return;
    constexpr std::array<char, 2> kPressed{'3', '4'};
    if (pressed_ == kPressed.size() || passed < *length_ * (pressed_ + 1) / 4) return;
    press(kPressed[pressed_++]);
  }

  void onTick() {
    const Instant now = loop_.turn().now;
    while (const auto key = keyboard_.key()) press(*key);
    pressByClock(now - begun_);
    if (!story_.service().empty()) story_.look(display_->tally(told_), now);
    display_->tell(story_);
    if (now - shownAt_ >= kShowEvery) {
      display_->show(now - shownAt_);
      shownAt_ = now;
    }
    if (length_ && now - begun_ >= *length_) return loop_.stop();
    loop_.turn().timers.arm(tick_, now + kLookEvery);
  }

  static constexpr Duration kShowEvery = 1s;
  static constexpr Duration kLookEvery = 50ms;
  static constexpr Duration kShortestWithOutage = 6s;

  std::optional<Duration> length_;
  TemporaryFolder folder_;
  Keyboard keyboard_;
  LogWriter writer_;
  Log log_;
  net::EventLoop loop_;
  demo::Scene scene_;
  demo::Story story_;
  size_t told_ = 0;     // the number of the story's service
  size_t pressed_ = 0;  // keys, by the clock
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
