// `outrigger top` while it runs: follows a sidecar's events, through its restarts, until somebody has seen enough.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "control/cli/admin_client.h"
#include "control/cli/keyboard.h"
#include "control/cli/screen.h"
#include "control/cli/top_state.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {

/// Follows /api/events and has each state shown, at most once an interval. One thread.
class TopFollower {
 public:
  /// `sidecar` outlives it.
  TopFollower(AdminClient& sidecar, Duration interval) : sidecar_(sidecar), interval_(interval) {}
  virtual ~TopFollower() = default;

  /// Asks once, and where somebody answers follows until stop(). The error is a sentence: nobody answers at first, or
  /// in words that this program does not know.
  std::expected<void, std::string> run();

 protected:
  virtual void begin() {}
  /// There is a new state.
  virtual void show() = 0;
  /// The connection is lost, or could not be had once more; run() tries again.
  virtual void lose(const std::string& why) = 0;
  void stop();

  Turn& turn() { return sidecar_.loop().turn(); }
  const TopState& state() const { return state_; }
  Duration silence() { return turn().now - heardAt_; }

 private:
  bool take(Bytes event, Bytes data);
  void rest();
  void onRested() { sidecar_.loop().stop(); }

  AdminClient& sidecar_;
  const Duration interval_;
  TopState state_;
  Instant heardAt_{};
  std::optional<Instant> shownAt_;  // nullopt: what comes next is shown at once
  bool ended_ = false;
  std::optional<std::string> unknown_;  // what was no JSON of ours
  Timer<TopFollower, &TopFollower::onRested> rested_{*this};
};

/// A line of JSON for each state.
class TopLog final : public TopFollower {
 public:
  using TopFollower::TopFollower;

 private:
  void show() override;
  void lose(const std::string& why) override;
  void line(const Json& json);
};

/// On the terminal, redrawn in place. However it ends, by q, a signal, an error, the terminal is as it was.
class TopScreen final : public TopFollower {
 public:
  /// `utf8`, `colours`: what the terminal can show.
  TopScreen(AdminClient& sidecar, Duration interval, bool utf8, bool colours);

 private:
  void begin() override;
  void show() override;
  void lose(const std::string& why) override;
  void draw();
  void onSignal(int number);
  /// Ctrl-Z: hands the terminal back and stops. What continues us need not bring us to its foreground: until we are
  /// there we run, signals end us, and nothing is drawn.
  void pause();
  bool isPaused() const { return !screen_; }
  /// Takes the terminal, in whose foreground we are.
  void takeTerminal();
  void onTick();
  std::string notice();

  net::EventLoop& loop_;
  const bool utf8_;
  const bool colours_;
  Instant drawnAt_{};
  std::string lostBecause_;  // empty: it is not
  // In this order: a signal while the terminal is given back does not end us half way.
  std::optional<net::Signals> signals_;
  std::optional<Keyboard> keyboard_;
  std::optional<Screen> screen_;
  Timer<TopScreen, &TopScreen::onTick> tick_{*this};
};

}  // namespace outrigger::control::cli
