#include "control/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "control/write_all.h"

namespace outrigger::control {
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

  // Each by itself: a member of a group may give a file to it, and not to another owner. What the group might do must
  // not pass to another group. The mode comes last, for a change of owner takes special modes away.
  bool likeThat(const struct stat& that) {
    mode_t mode = that.st_mode & 07777;
    if (::fchown(fd_, static_cast<uid_t>(-1), that.st_gid) != 0) {
      if (errno != EPERM) return false;
      mode &= ~static_cast<mode_t>(S_ISGID | S_IRWXG);
    }
    if (::fchown(fd_, that.st_uid, static_cast<gid_t>(-1)) != 0) {
      if (errno != EPERM) return false;
      mode &= ~static_cast<mode_t>(S_ISUID);
    }
    return ::fchmod(fd_, mode) == 0;
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

// Without it, a loss of power could bring the old file back; that would be no harm. A bare name is in this folder.
void syncFolder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

std::optional<std::string> replaceFile(const std::string& path, Bytes text) {
  const auto failed = [&] { return path + " cannot be written: " + std::strerror(errno); };
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  if (error) return path + " cannot be written: " + error.message();
  struct stat was {};
  const bool there = ::stat(real.c_str(), &was) == 0;
  if (!there && errno != ENOENT) return failed();
  if (there && !S_ISREG(was.st_mode)) return path + " cannot be written: it is no ordinary file";
  FreshFile fresh(real);
  if (!fresh.opened() || !fresh.write(text) || (there && !fresh.likeThat(was)) || !fresh.place(real)) return failed();
  syncFolder(real.parent_path());
  return std::nullopt;
}

}  // namespace outrigger::control
