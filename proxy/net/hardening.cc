#include "proxy/net/hardening.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace outrigger::net {

void forbidDumps() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

}  // namespace outrigger::net
