#include "tests/support/real/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace outrigger::real {
namespace {

constexpr int kLookEvery = 20;  // milliseconds

// Opening it makes it the terminal of the new session.
pid_t spawnIn(const std::vector<std::string>& command, const char* terminal) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
  posix_spawnattr_t session;
  ::posix_spawnattr_init(&session);
  ::posix_spawnattr_setflags(&session, POSIX_SPAWN_SETSID);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, &session, arguments.data(), environ);
  ::posix_spawnattr_destroy(&session);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + command[0] + ": " + std::strerror(error));
  return pid;
}

}  // namespace

Terminal::Terminal(const std::vector<std::string>& command, Size size)
    : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  std::array<char, 128> name{};
  if (!master_ || ::grantpt(master_.get()) != 0 || ::unlockpt(master_.get()) != 0 ||
      ::ptsname_r(master_.get(), name.data(), name.size()) != 0) {
    throw std::runtime_error(std::string("no pseudo-terminal: ") + std::strerror(errno));
  }
  slave_ = net::FileDescriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  resize(size);
  pid_ = spawnIn(command, name.data());
}

Terminal::~Terminal() {
  if (exitCode_ >= 0) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

void Terminal::type(std::string_view keys) {
  if (::write(master_.get(), keys.data(), keys.size()) < 0) throw std::runtime_error("the terminal takes no keys");
}

void Terminal::signal(int number) const {
  ::kill(pid_, number);
}

void Terminal::resize(Size size) {
  const winsize told{.ws_row = size.lines, .ws_col = size.columns, .ws_xpixel = 0, .ws_ypixel = 0};
  ::ioctl(master_.get(), TIOCSWINSZ, &told);
}

bool Terminal::isCooked() const {
  termios settings{};
  return ::tcgetattr(slave_.get(), &settings) == 0 && (settings.c_lflag & ICANON) != 0 &&
         (settings.c_lflag & ECHO) != 0;
}

void Terminal::collect(int milliseconds) {
  pollfd watched{.fd = master_.get(), .events = POLLIN, .revents = 0};
  std::array<char, 16 * 1024> buffer;
  for (int patience = milliseconds; ::poll(&watched, 1, patience) > 0; patience = 0) {
    const ssize_t size = ::read(master_.get(), buffer.data(), buffer.size());
    if (size <= 0) return;
    shown_.append(buffer.data(), static_cast<size_t>(size));
  }
}

bool Terminal::waitFor(const std::function<bool(const std::string& shown)>& enough, Deadline deadline) {
  while (!enough(shown_)) {
    const int left = millisecondsUntil(deadline);
    collect(left);
    if (left == 0) return enough(shown_);
  }
  return true;
}

bool Terminal::waitFor(const std::string& text, Deadline deadline) {
  return waitFor([&text](const std::string& shown) { return shown.find(text) != std::string::npos; }, deadline);
}

int Terminal::wait(Deadline deadline) {
  while (exitCode_ < 0) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      exitCode_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (millisecondsUntil(deadline) == 0) {
      return -1;
    }
    collect(exitCode_ < 0 ? kLookEvery : 0);
  }
  return exitCode_;
}

}  // namespace outrigger::real
