// `outrigger top` of a real sidecar, in a pseudo-terminal: it draws, and leaves the terminal as it found it.
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "tests/support/real/terminal.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Outcome;
using real::Terminal;

constexpr const char* kConfig = "upstreams: {orders: {endpoints: ['${orders}']}}\n";
constexpr const char* kEnter = "\x1b[?1049h";
constexpr const char* kLeave = "\x1b[?25h\x1b[?1049l";
constexpr const char* kPicture = "\x1b[H";

class Top : public ::testing::Test {
 protected:
  Top() {
    ::setenv("TERM", "xterm", 1);
    world_.upstream("orders");
    sidecar_ = &world_.sidecar(kConfig);
  }

  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{OUTRIGGER_BINARY, "top"};
    all.insert(all.end(), more.begin(), more.end());
    if (std::ranges::find(more, "--admin") == more.end()) {
      all.insert(all.end(), {"--admin", sidecar_->address("admin").text()});
    }
    return all;
  }
  /// In a terminal, once it has drawn.
  std::unique_ptr<Terminal> started(const std::vector<std::string>& more = {}) const {
    auto terminal = std::make_unique<Terminal>(command(more), Terminal::Size{});
    EXPECT_TRUE(terminal->waitFor("q quits")) << terminal->shown();
    EXPECT_TRUE(terminal->waitFor("orders")) << terminal->shown();
    EXPECT_FALSE(terminal->isCooked()) << "keys are read one by one";
    EXPECT_EQ(terminal->shown().find(kLeave), std::string::npos);
    return terminal;
  }
  static void expectRestored(const Terminal& terminal) {
    EXPECT_TRUE(terminal.shown().starts_with(kEnter)) << terminal.shown();
    EXPECT_TRUE(terminal.shown().ends_with(kLeave)) << terminal.shown();
    EXPECT_TRUE(terminal.isCooked());
  }
  static size_t picturesIn(const std::string& shown) {
    size_t count = 0;
    for (size_t at = shown.find(kPicture); at != std::string::npos; at = shown.find(kPicture, at + 1)) ++count;
    return count;
  }

  real::World world_;
  real::Sidecar* sidecar_ = nullptr;
};

TEST_F(Top, QEndsItAndRestoresTheTerminal) {
  const auto terminal = started();
  EXPECT_TRUE(terminal->waitFor([](const std::string& shown) { return picturesIn(shown) >= 2; })) << "it is live";
  terminal->type("q");
  EXPECT_EQ(terminal->wait(), 0);
  expectRestored(*terminal);
}

TEST_F(Top, CtrlCEndsItToo) {
  const auto terminal = started();
  terminal->type("\x03");
  EXPECT_EQ(terminal->wait(), 0);
  // The terminal itself echoes no key while they are read one by one.
  expectRestored(*terminal);
}

TEST_F(Top, SignalsRestoreTheTerminal) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    const auto terminal = started();
    terminal->signal(number);
    EXPECT_EQ(terminal->wait(), 0) << number;
    expectRestored(*terminal);
  }
}

TEST_F(Top, CtrlZHandsTheTerminalBack) {
  const auto terminal = started();
  terminal->signal(SIGTSTP);
  ASSERT_TRUE(terminal->waitFor(kLeave));
  EXPECT_TRUE(real::waitUntil([&] { return terminal->isCooked(); }));
  const size_t before = terminal->shown().size();
  // It may not have stopped yet: until it has, this does nothing.
  EXPECT_TRUE(real::waitUntil([&] {
    terminal->signal(SIGCONT);
    terminal->waitFor([&](const std::string& shown) { return shown.size() > before; }, real::Clock::now());
    return terminal->shown().find(kEnter, before) != std::string::npos;
  }));
  terminal->type("q");
  EXPECT_EQ(terminal->wait(), 0);
  expectRestored(*terminal);
}

// A shell with jobs runs it in its foreground, has the terminal back after Ctrl-Z, and then does `after` to job 1.
std::vector<std::string> inAShell(const std::vector<std::string>& command, const std::string& after) {
  std::vector<std::string> all{"bash", "-c", "set -m; \"$@\"; " + after, "bash"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

TEST_F(Top, SuspendedInTheBackgroundItEndsWhenToldTo) {
  Terminal terminal(inAShell(command(), "echo back; kill -TERM %1; kill -CONT %1; wait %1; echo it ended with $?"), {});
  ASSERT_TRUE(terminal.waitFor("q quits")) << terminal.shown();
  terminal.type("\x1a");
  ASSERT_TRUE(terminal.waitFor("back")) << terminal.shown();
  EXPECT_TRUE(terminal.waitFor("it ended with 0")) << terminal.shown();
}

TEST_F(Top, SuspendedItComesBackFromTheBackground) {
  Terminal terminal(inAShell(command(), "bg %1; echo back; read -r key; fg %1; echo it ended with $?"), {});
  ASSERT_TRUE(terminal.waitFor("q quits")) << terminal.shown();
  terminal.type("\x1a");
  ASSERT_TRUE(terminal.waitFor("back")) << terminal.shown();
  const size_t before = terminal.shown().size();
  terminal.type("\n");
  EXPECT_TRUE(terminal.waitFor([&](const std::string& shown) {
    return shown.find(kEnter, before) != std::string::npos;
  })) << terminal.shown();
  terminal.type("q");
  EXPECT_TRUE(terminal.waitFor("it ended with 0")) << terminal.shown();
}

TEST_F(Top, SuspendedItEndsWithItsTerminal) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0) << "what the shell leaves behind becomes ours";
  Terminal terminal(inAShell(command(), "echo its number is $(jobs -p).; exit"), {});
  ASSERT_TRUE(terminal.waitFor("q quits")) << terminal.shown();
  terminal.type("\x1a");
  ASSERT_TRUE(terminal.waitFor("its number is ")) << terminal.shown();
  ASSERT_GE(terminal.wait(), 0) << "the shell goes, and with it the session";
  const size_t at = terminal.shown().find("its number is ") + std::strlen("its number is ");
  const pid_t top = std::atoi(terminal.shown().c_str() + at);
  ASSERT_GT(top, 0) << terminal.shown();
  int status = -1;
  const bool ended = real::waitUntil([&] { return ::waitpid(top, &status, WNOHANG) == top; });
  if (!ended) ::kill(top, SIGKILL);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(Top, JsonThatNobodyReadsEndsIt) {
  for (const std::string reader : {"| head -1", "| true", "> /dev/full"}) {
    std::vector<std::string> line{"bash", "-c", "set -o pipefail; \"$@\" " + reader, "bash"};
    const auto top = command({"--json"});
    line.insert(line.end(), top.begin(), top.end());
    real::Process process(line);
    EXPECT_EQ(process.wait(), 1) << reader << ": what could not be written was not told";
    EXPECT_NE(process.err().find("could not be written to its end"), std::string::npos) << process.err();
  }
}

TEST_F(Top, FollowsTheTerminalsSize) {
  const auto terminal = started({"--interval", "1h"});
  EXPECT_EQ(terminal->shown().find("the last 60 s"), std::string::npos);
  terminal->resize({.lines = 40, .columns = 200});
  EXPECT_TRUE(terminal->waitFor("the last 60 s")) << "at once, not with the next state";
  terminal->type("q");
  EXPECT_EQ(terminal->wait(), 0);
}

TEST_F(Top, StaysWhenTheSidecarHasGone) {
  const auto terminal = started();
  sidecar_->process().signal(SIGKILL);
  EXPECT_TRUE(terminal->waitFor("trying again")) << terminal->shown();
  terminal->type("q");
  EXPECT_EQ(terminal->wait(), 0);
  expectRestored(*terminal);
}

TEST_F(Top, SaysThatASidecarHangs) {
  const auto terminal = started();
  sidecar_->process().signal(SIGSTOP);
  EXPECT_TRUE(terminal->waitFor("the sidecar has told nothing since")) << terminal->shown();
  terminal->type("q");
  EXPECT_EQ(terminal->wait(), 0);
}

TEST_F(Top, FindsTheSidecarAgain) {
  const real::TemporaryFolder folder;
  const std::string admin = "unix:" + (folder / "admin.sock").string();
  const std::string config =
      kConfig + ("listen: {inbound: none, outbound: '127.0.0.1:0', telemetry: none, admin: '" + admin + "'}\n");
  real::Sidecar& first = world_.sidecar(config);
  const auto terminal = started({"--admin", admin});
  first.process().signal(SIGKILL);
  first.process().wait();  // until then its socket is taken
  ASSERT_TRUE(terminal->waitFor("trying again")) << terminal->shown();
  world_.sidecar(config);
  const auto hasRecovered = [](const std::string& shown) {
    const size_t last = shown.rfind(kPicture);
    return shown.find("q quits", last) != std::string::npos && shown.find("hash", last) != std::string::npos;
  };
  EXPECT_TRUE(terminal->waitFor(hasRecovered)) << terminal->shown();
  terminal->type("q");
  EXPECT_EQ(terminal->wait(), 0);
}

TEST_F(Top, WithoutATerminalItIsOnePlainTable) {
  sidecar_->get("orders", "/x");
  for (const auto& arguments : {command(), command({"--once"})}) {
    const Outcome outcome = real::runToEnd(arguments);
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("orders"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find(world_.upstream("orders").address().text()), std::string::npos) << outcome.out;
  }
  const json once = json::parse(real::runToEnd(command({"--once", "--json"})).out, nullptr, false);
  ASSERT_TRUE(once.is_object());
  EXPECT_EQ(once.at("upstreams")[0].at("name"), "orders");
}

TEST_F(Top, JsonIsALineForEachInterval) {
  real::Process process(command({"--json"}));
  EXPECT_TRUE(process.waitForOutput(
      [](const std::string& out, const std::string&) { return std::ranges::count(out, '\n') >= 2; }));
  const std::string line = process.out().substr(0, process.out().find('\n'));
  const json first = json::parse(line, nullptr, false);
  ASSERT_TRUE(first.is_object()) << line;
  EXPECT_EQ(first.at("upstreams")[0].at("name"), "orders");
}

TEST_F(Top, ATerminalThatCannotBeDrawnOnGetsTheTable) {
  ::setenv("TERM", "dumb", 1);
  Terminal terminal(command(), {});
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(terminal.shown().find('\x1b'), std::string::npos) << terminal.shown();
  EXPECT_NE(terminal.shown().find("orders"), std::string::npos) << terminal.shown();
}

TEST(TopOfNobody, SaysSoAndLeavesTheTerminalAlone) {
  const std::string address = real::Socket::listenAnywhere().localAddress().text();
  Terminal terminal({OUTRIGGER_BINARY, "top", "--admin", address}, {});
  EXPECT_EQ(terminal.wait(), 1);
  EXPECT_NE(terminal.shown().find("no sidecar answers at " + address), std::string::npos) << terminal.shown();
  EXPECT_EQ(terminal.shown().find(kEnter), std::string::npos);
}

TEST(TopOfNobody, IntervalsBelowASecondAreRefused) {
  const Outcome outcome = real::runToEnd({OUTRIGGER_BINARY, "top", "--interval", "10ms"});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find("--interval is 1s or more"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace outrigger::e2e
