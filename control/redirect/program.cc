#include "control/redirect/program.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "proxy/net/file_descriptor.h"

namespace outrigger::control::redirect {
namespace {

// A file in memory instead of a pipe: whatever the program reads and says first, neither side waits for the other.
net::FileDescriptor memoryFile(const std::string& content) {
  net::FileDescriptor file(::memfd_create("outrigger", MFD_CLOEXEC));
  size_t written = 0;
  while (file && written < content.size()) {
    const ssize_t size =
        ::pwrite(file.get(), content.data() + written, content.size() - written, static_cast<off_t>(written));
    if (size <= 0) return {};
    written += static_cast<size_t>(size);
  }
  return file;
}

std::string contentOf(const net::FileDescriptor& file) {
  std::string content;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::pread(file.get(), buffer, sizeof buffer, static_cast<off_t>(content.size()))) > 0) {
    content.append(buffer, static_cast<size_t>(size));
  }
  return content;
}

int spawn(pid_t& pid, const std::vector<std::string>& command, const int (&files)[3]) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  // Its words are ours to show: in one language.
  char language[] = "LC_ALL=C";
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* const environment[] = {language, path, nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; ++i) ::posix_spawn_file_actions_adddup2(&actions, files[i], i);
  const int error = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

std::vector<std::string> programFolders() {
  std::vector<std::string> folders;
  std::string path = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  path += ":/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin";
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin) folders.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return folders;
}

std::optional<std::string> findProgram(const std::string& name, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

std::expected<ProgramOutcome, std::string> runProgram(const std::vector<std::string>& command,
                                                      const std::string& input) {
  const net::FileDescriptor in = memoryFile(input);
  const net::FileDescriptor out = memoryFile("");
  const net::FileDescriptor err = memoryFile("");
  if (!in || !out || !err) return std::unexpected("no memory to run " + command[0] + ": " + std::strerror(errno));
  pid_t pid = -1;
  const int error = spawn(pid, command, {in.get(), out.get(), err.get()});
  if (error != 0) return std::unexpected("cannot run " + command[0] + ": " + std::strerror(error));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const int exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ProgramOutcome{exitCode, contentOf(out), contentOf(err)};
}

}  // namespace outrigger::control::redirect
