// The program's front door. What a running sidecar is made of stands in control/sidecar.h; the life of a request in
// proxy/README.md.
#include "control/cli/command_line.h"

int main(int argc, char** argv) {
  return outrigger::control::cli::main(argc, argv);
}
