#include "tests/support/real/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>

namespace outrigger::real {
namespace {

struct Pipe {
  net::FileDescriptor read;
  net::FileDescriptor write;

  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    read = net::FileDescriptor(ends[0]);
    write = net::FileDescriptor(ends[1]);
  }
};

pid_t spawn(const std::vector<std::string>& command, int out, int err) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + command[0] + ": " + std::strerror(error));
  return pid;
}

// Moves what is there into `text`; false at the end.
bool drain(int fd, std::string& text) {
  char buffer[16 * 1024];
  const ssize_t size = ::read(fd, buffer, sizeof buffer);
  if (size > 0) text.append(buffer, static_cast<size_t>(size));
  return size > 0;
}

}  // namespace

Process::Process(const std::vector<std::string>& command) {
  Pipe out;
  Pipe err;
  pid_ = spawn(command, out.write.get(), err.write.get());
  handle_ = net::FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  outPipe_ = std::move(out.read);
  errPipe_ = std::move(err.read);
  collector_ = std::thread([this] { collect(); });
}

Process::~Process() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
  collector_.join();
}

void Process::signal(int number) const {
  ::kill(pid_, number);
}

bool Process::hasEnded() const {
  pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, 0) > 0;
}

int Process::wait(Deadline deadline) {
  if (reaped_) return exitCode_;
  pollfd watched{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&watched, 1, millisecondsUntil(deadline)) <= 0) throw std::runtime_error("the process does not end");
  int status = 0;
  ::waitpid(pid_, &status, 0);
  reaped_ = true;
  exitCode_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  waitForOutput([](const std::string&, const std::string&) { return false; }, deadline);  // to the end of it
  return exitCode_;
}

void Process::collect() {
  pollfd watched[2] = {{.fd = outPipe_.get(), .events = POLLIN, .revents = 0},
                       {.fd = errPipe_.get(), .events = POLLIN, .revents = 0}};
  std::string* texts[2] = {&out_, &err_};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (::poll(watched, 2, -1) < 0) continue;
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < 2; ++i) {
      if (watched[i].revents != 0 && !drain(watched[i].fd, *texts[i])) watched[i].fd = -1;
    }
    changed_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

std::string Process::out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

std::string Process::err() const {
  const std::lock_guard lock(mutex_);
  return err_;
}

bool Process::waitForOutput(const Output& enough, Deadline deadline) {
  std::unique_lock lock(mutex_);
  bool satisfied = false;
  changed_.wait_until(lock, deadline, [&] { return (satisfied = enough(out_, err_)) || ended_; });
  return satisfied;
}

Outcome runToEnd(const std::vector<std::string>& command) {
  Process process(command);
  const int exitCode = process.wait();
  return {.exitCode = exitCode, .out = process.out(), .err = process.err()};
}

}  // namespace outrigger::real
