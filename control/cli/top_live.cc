#include "control/cli/top_live.h"

#include <csignal>

#include "control/cli/output.h"
#include "control/cli/spoken.h"
#include "control/cli/top_text.h"

namespace outrigger::control::cli {
namespace {

constexpr Duration kTryAgainAfter = 1s;
constexpr Duration kLookForKeysEvery = 50ms;
constexpr Duration kRedrawAgesEvery = 1s;
// A sidecar tells each second; a silence of this length is worth a word.
constexpr Duration kSilence = 3s;

}  // namespace

// ---- Following

std::expected<void, std::string> TopFollower::run() {
  // Whole, however large it is: events have a limit, and then bring what is new.
  auto first = sidecar_.get("/api/live");
  if (!first) return std::unexpected(first.error());
  if (!first->is_object() || !first->contains("header")) {
    return std::unexpected("what answers at " + sidecar_.where() + " tells no state of a sidecar");
  }
  state_.take(std::move(*first));
  {
    const net::EventLoop::Callback here(sidecar_.loop());
    begin();
    heardAt_ = turn().now;
    shownAt_ = heardAt_;
    show();
  }
  while (!ended_) {
    const auto error =
        sidecar_.follow("/api/events", std::nullopt, [this](Bytes event, Bytes data) { return take(event, data); });
    if (unknown_) return std::unexpected(*unknown_);
    if (ended_ || !error) continue;
    shownAt_.reset();
    lose(*error);
    rest();
  }
  return {};
}

void TopFollower::stop() {
  ended_ = true;
  sidecar_.stop();
}

// Called by a loop that is written in C: nothing is thrown through it.
bool TopFollower::take(Bytes, Bytes data) {
  try {
    Json news = Json::parse(data, nullptr, false);
    if (!news.is_object()) return true;
    state_.take(std::move(news));
    // The sidecar's seconds and ours do not begin together.
    heardAt_ = turn().now;
    if (shownAt_ && heardAt_ - *shownAt_ < interval_ - interval_ / 10) return true;
    shownAt_ = heardAt_;
    show();
  } catch (const Json::exception& error) {
    unknown_ = "the sidecar at " + sidecar_.where() + " tells its state in a way that this program, version " +
               OUTRIGGER_VERSION ", does not know (" + error.what() + ")";
    return false;
  }
  return !ended_;
}

void TopFollower::rest() {
  {
    const net::EventLoop::Callback here(sidecar_.loop());
    if (ended_) return;
    turn().timers.arm(rested_, turn().now + kTryAgainAfter);
  }
  sidecar_.loop().run();
}

// ---- Lines of JSON

void TopLog::show() {
  line(topReport(state().json()));
}

void TopLog::lose(const std::string& why) {
  line({{"error", why}});
}

void TopLog::line(const Json& json) {
  print(jsonLine(json));
  if (!flushed()) stop();
}

// ---- The screen

TopScreen::TopScreen(AdminClient& sidecar, Duration interval, bool utf8, bool colours)
    : TopFollower(sidecar, interval), loop_(sidecar.loop()), utf8_(utf8), colours_(colours) {}

void TopScreen::begin() {
  signals_.emplace(loop_, std::initializer_list<int>{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH},
                   [this](int number) { onSignal(number); });
  takeTerminal();
  turn().timers.arm(tick_, turn().now + kLookForKeysEvery);
}

void TopScreen::takeTerminal() {
  keyboard_.emplace();
  screen_.emplace(colours_);
}

void TopScreen::show() {
  lostBecause_.clear();
  draw();
}

void TopScreen::lose(const std::string& why) {
  lostBecause_ = why;
  const net::EventLoop::Callback here(loop_);
  draw();
}

std::string TopScreen::notice() {
  if (!lostBecause_.empty()) return "this is " + spanText(silence()) + " old, trying again: " + lostBecause_;
  return silence() < kSilence ? "" : "this is " + spanText(silence()) + " old: the sidecar has told nothing since";
}

void TopScreen::draw() {
  if (isPaused()) return;
  const Screen::Size size = Screen::size();
  drawnAt_ = turn().now;
  const TopView view{.columns = size.columns,
                     .lines = size.lines,
                     .utf8 = utf8_,
                     .notice = notice(),
                     .keys = keyboard_->present() ? "q quits" : "Ctrl-C quits"};
  if (!screen_->draw(topLines(state().json(), view))) stop();
}

void TopScreen::onSignal(int number) {
  if (number == SIGWINCH) return draw();
  if (number == SIGTSTP) return pause();
  stop();
}

void TopScreen::pause() {
  screen_.reset();
  keyboard_.reset();
  ::raise(SIGSTOP);
  // onTick() sees where that has left us, once the signals that came meanwhile are read.
}

void TopScreen::onTick() {
  if (!Screen::isTerminal()) return stop();
  if (isPaused() && Screen::present()) {
    takeTerminal();
    draw();
  }
  while (const auto key = isPaused() ? std::nullopt : keyboard_->key()) {
    if (*key == 'q' || *key == 'Q') return stop();
  }
  const Instant now = turn().now;
  const bool aged = !lostBecause_.empty() || silence() >= kSilence;
  if (aged && now - drawnAt_ >= kRedrawAgesEvery) draw();
  turn().timers.arm(tick_, now + kLookForKeysEvery);
}

}  // namespace outrigger::control::cli
