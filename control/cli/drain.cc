#include "control/cli/drain.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/doctor/this_machine.h"

namespace outrigger::control::cli {
namespace {

struct DrainOptions : AskOptions {
  std::optional<int32_t> pid;
};

constexpr const char* kDrains = " drains: it goes on serving, and others leave it\n";

// By its process: what a pod's preStop hook can do without any listener.
int signalIt(const DrainOptions& options) {
  doctor::ThisMachine machine;
  const auto chosen = chooseSidecar(options.pid, drainable(doctor::processesOf(machine)));
  if (!chosen) return fail("drain", kFinding, chosen.error(), options.json);
  const std::string who = "process " + std::to_string(*chosen);
  if (::kill(*chosen, SIGUSR1) != 0) {
    return fail("drain", kFinding, who + " cannot be told: " + std::strerror(errno), options.json);
  }
  tell(options, {{"drained", true}, {"pid", *chosen}}, [&] { return who + kDrains; });
  return kOk;
}

std::expected<int, std::string> ask(AdminClient& sidecar, const DrainOptions& options) {
  const auto done = sidecar.post("/api/drain");
  if (!done) return std::unexpected(done.error());
  tell(options, {{"drained", true}, {"admin", sidecar.where()}},
       [&] { return harmless("the sidecar at " + sidecar.where()) + kDrains; });
  return kOk;
}

int drain(const DrainOptions& options) {
  if (options.admin.empty()) return signalIt(options);
  return withSidecar("drain", options, [&](AdminClient& sidecar) { return ask(sidecar, options); });
}

}  // namespace

std::vector<int32_t> drainable(const std::vector<doctor::Process>& processes) {
  std::vector<int32_t> found;
  for (const doctor::Process& process : processes) {
    if (process.isSidecar() && !process.isDemo()) found.push_back(process.pid);
  }
  return found;
}

std::expected<int32_t, std::string> chooseSidecar(std::optional<int32_t> asked, const std::vector<int32_t>& running) {
  if (asked) {
    if (std::ranges::count(running, *asked) > 0) return *asked;
    return std::unexpected("process " + std::to_string(*asked) + " runs no sidecar here");
  }
  if (running.empty()) {
    return std::unexpected("no `outrigger run` or `up` is to be found here: --admin asks one that is elsewhere");
  }
  if (running.size() == 1) return running.front();
  std::string all;
  for (const int32_t pid : running) all += (all.empty() ? "" : ", ") + std::to_string(pid);
  return std::unexpected("several sidecars run here (" + all + "): say which one with --pid");
}

void addDrain(CLI::App& app, Action& action) {
  CLI::App* verb =
      app.add_subcommand("drain", "Let the running sidecar drain: it goes on serving, and others leave it");
  auto options = std::make_shared<DrainOptions>();
  CLI::Option* pid =
      verb->add_option("--pid", options->pid, "Its process, where several run")->check(CLI::Range(1, 1 << 22));
  verb->add_option("--admin", options->admin,
                   "Ask the one with this admin listener; without it, the process that runs here is told by a signal")
      ->type_name("ADDRESS")
      ->excludes(pid);
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer(
      "Example: outrigger drain\n"
      "With --admin it needs `admin: {actions: true}` in the sidecar's file. Exit code: 0 it was told, 1 there is "
      "none,\n"
      "or several.");
  verb->callback([options, &action] { action = [options] { return drain(*options); }; });
}

}  // namespace outrigger::control::cli
