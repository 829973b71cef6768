// In a process of its own: what it takes away does not come back.
#include "proxy/net/hardening.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace outrigger::net {
namespace {

// What a child that has forbidden dumps finds of itself: bit 0: a core limit, bit 1: dumpable.
int leftAfterwards() {
  const pid_t child = ::fork();
  if (child == 0) {
    forbidDumps();
    rlimit core{};
    ::getrlimit(RLIMIT_CORE, &core);
    ::_exit((core.rlim_cur != 0 || core.rlim_max != 0 ? 1 : 0) + (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ? 2 : 0));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Hardening, NothingOfTheProcessIsDumped) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  EXPECT_EQ(leftAfterwards(), 2);
#else
  EXPECT_EQ(leftAfterwards(), 0);
#endif
}

}  // namespace
}  // namespace outrigger::net
