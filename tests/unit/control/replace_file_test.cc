#include "control/replace_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "control/cli/temporary_folder.h"
#include "tests/support/process_world.h"

namespace outrigger::control {
namespace {

constexpr uid_t kAlice = 4001;
constexpr gid_t kAlices = 4001;
constexpr gid_t kApp = 4002;

struct stat stateOf(const std::string& path) {
  struct stat state {};
  EXPECT_EQ(::stat(path.c_str(), &state), 0) << path;
  return state;
}

std::string textOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// In a process of its own, as a user who is no root. 0: it was replaced.
int replaceAsAlice(const std::string& path, std::vector<gid_t> groups) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool became = ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0 &&
                        ::setresgid(kAlices, kAlices, kAlices) == 0 && ::setresuid(kAlice, kAlice, kAlice) == 0;
    ::_exit(!became ? 2 : replaceFile(path, "new") ? 1 : 0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class ReplaceFile : public ::testing::Test {
 protected:
  void write(mode_t mode) const {
    std::ofstream(file_) << "old";
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }
  // root's and the group's, in a folder where everybody may write.
  void giveToRootAndApp(mode_t mode) const {
    write(mode);
    ASSERT_EQ(::chown(file_.c_str(), 0, kApp), 0);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  }
  size_t filesInFolder() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  cli::TemporaryFolder folder_;
  const std::string file_ = folder_.path() + "/outrigger.yaml";
};

TEST_F(ReplaceFile, KeepsTheGroupWhereTheOwnerCannotStay) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  giveToRootAndApp(0640);
  ASSERT_EQ(replaceAsAlice(file_, {kApp}), 0);
  const struct stat is = stateOf(file_);
  EXPECT_EQ(textOf(file_), "new");
  EXPECT_EQ(is.st_uid, kAlice);
  EXPECT_EQ(is.st_gid, kApp) << "the sidecar, of that group, reads it no longer";
  EXPECT_EQ(is.st_mode & 07777, 0640U);
}

TEST_F(ReplaceFile, GivesTheRightsOfAGroupToNoOther) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  giveToRootAndApp(0664);
  ASSERT_EQ(replaceAsAlice(file_, {}), 0);
  const struct stat is = stateOf(file_);
  EXPECT_EQ(is.st_gid, kAlices);
  EXPECT_EQ(is.st_mode & 07777, 0604U);
}

TEST_F(ReplaceFile, MakesAFileThatIsNotThereForItsOwnerAlone) {
  EXPECT_EQ(replaceFile(file_, "new"), std::nullopt);
  EXPECT_EQ(textOf(file_), "new");
  EXPECT_EQ(stateOf(file_).st_mode & 07777, 0600U);
  EXPECT_EQ(filesInFolder(), 1U);
}

TEST_F(ReplaceFile, SaysWhyItCannot) {
  const std::string missing = folder_.path() + "/none/outrigger.yaml";
  EXPECT_EQ(replaceFile(missing, "new"), missing + " cannot be written: No such file or directory");
  EXPECT_EQ(replaceFile(folder_.path(), "new"), folder_.path() + " cannot be written: it is no ordinary file");
}

// The last good config goes the same way: what is there already keeps its mode, and what lies beside it its content.
TEST_F(ReplaceFile, IsHowTheLastGoodConfigIsKept) {
  const std::string kept = folder_.path() + "/last-good.yaml";
  const std::string beside = folder_.path() + "/victim";
  std::ofstream(kept) << "";
  std::ofstream(beside) << "mine";
  ASSERT_EQ(::chmod(kept.c_str(), 0600), 0);
  std::filesystem::create_symlink("victim", kept + ".new");
  testing::ProcessWorld world;
  Reloader reloader(world.loop, world.log, {world.folder() / "outrigger.yaml", {}}, folder_.path(),
                    [](const config::LoadResult&) { return std::expected<void, std::string>(); });
  ASSERT_TRUE(reloader.loadFirst());
  EXPECT_EQ(textOf(kept), reloader.state().file.text());
  EXPECT_EQ(stateOf(kept).st_mode & 07777, 0600U);
  EXPECT_EQ(textOf(beside), "mine");
}

}  // namespace
}  // namespace outrigger::control
