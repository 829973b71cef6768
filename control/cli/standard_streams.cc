#include "control/cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace outrigger::control::cli {

void completeStandardStreams() {
  // Without O_CLOEXEC, as the streams themselves. The lowest number that is free is the one that is missing.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
  }
}

}  // namespace outrigger::control::cli
