#include "control/cli/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "control/cli/write_all.h"

namespace outrigger::control::cli {
namespace {

// A file beside another one, which goes away unless it has taken that one's place.
class FreshFile {
 public:
  explicit FreshFile(const std::filesystem::path& beside) : path_(beside.string() + ".XXXXXX") {
    fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
  }
  ~FreshFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    if (!placed_) ::unlink(path_.c_str());
  }
  FreshFile(const FreshFile&) = delete;
  FreshFile& operator=(const FreshFile&) = delete;

  bool opened() const { return fd_ >= 0; }

  bool write(Bytes text) { return writeAll(fd_, text); }

  // The owner first: a change of owner takes special modes away. Who may not give a file away keeps it.
  bool likeThat(const struct stat& that) {
    if (::fchown(fd_, that.st_uid, that.st_gid) != 0 && errno != EPERM) return false;
    return ::fchmod(fd_, that.st_mode & 07777) == 0;
  }

  bool place(const std::filesystem::path& path) {
    placed_ = ::fsync(fd_) == 0 && ::rename(path_.c_str(), path.c_str()) == 0;
    return placed_;
  }

 private:
  std::string path_;
  int fd_ = -1;
  bool placed_ = false;
};

// Without it, a loss of power could bring the old file back; that would be no harm.
void syncFolder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

std::optional<std::string> replaceFile(const std::string& path, Bytes text) {
  const auto failed = [&] { return path + " cannot be written: " + std::strerror(errno); };
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return path + " cannot be written: " + error.message();
  struct stat was {};
  if (::stat(real.c_str(), &was) != 0) return failed();
  if (!S_ISREG(was.st_mode)) return path + " cannot be written: it is no ordinary file";
  FreshFile fresh(real);
  if (!fresh.opened() || !fresh.write(text) || !fresh.likeThat(was) || !fresh.place(real)) return failed();
  syncFolder(real.parent_path());
  return std::nullopt;
}

}  // namespace outrigger::control::cli
