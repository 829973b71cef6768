// Which process `outrigger drain` tells.
#include <gtest/gtest.h>

#include "control/cli/drain.h"

namespace outrigger::control::cli {
namespace {

doctor::Process process(int32_t pid, std::vector<std::string> command) {
  return {.pid = pid, .command = std::move(command)};
}

TEST(DrainVerb, FindsTheProcessesThatRunASidecar) {
  EXPECT_EQ(drainable({process(1, {"/bin/sh", "-c", "outrigger run"}),
                       process(12, {"/usr/bin/outrigger", "run", "--config", "x.yaml"}),
                       process(13, {"outrigger", "drain"}), process(14, {"outrigger"}), process(15, {}),
                       process(16, {"outrigger", "up", "--app", "8080"}), process(17, {"outrigger", "demo"})}),
            (std::vector<int32_t>{12, 16}));
}

TEST(DrainVerb, ChoosesTheOnlyOneOrTheOneThatIsNamed) {
  EXPECT_EQ(chooseSidecar(std::nullopt, {12}).value(), 12);
  EXPECT_EQ(chooseSidecar(13, {12, 13}).value(), 13);
}

TEST(DrainVerb, SaysWhyNot) {
  EXPECT_EQ(chooseSidecar(std::nullopt, {}).error(),
            "no `outrigger run` or `up` is to be found here: --admin asks one that is elsewhere");
  EXPECT_EQ(chooseSidecar(14, {12}).error(), "process 14 runs no sidecar here");
  EXPECT_EQ(chooseSidecar(std::nullopt, {12, 13}).error(),
            "several sidecars run here (12, 13): say which one with --pid");
}

}  // namespace
}  // namespace outrigger::control::cli
