#include <algorithm>

#include "control/doctor/checks.h"
#include "control/redirect/listing.h"
#include "control/redirect/plan.h"

namespace outrigger::control::doctor {
namespace {

constexpr const char* kOff = "redirect.enabled is false: nothing is redirected here";

}  // namespace

Finding uidClash(Exam& exam) {
  if (!exam.model()->redirect.enabled) return skipped(kOff);
  const auto& processes = exam.processes();
  const uint32_t uid = exam.sidecar() != nullptr ? exam.sidecar()->uid : redirect::Plan().uid;
  const auto own = ownLine(exam.machine(), processes);  // a shell that runs us is no part of the pod
  for (const Process& process : processes) {
    if (process.uid != uid || process.isOutrigger() || std::ranges::count(own, process.pid) > 0) continue;
    return fail(called(process) + " runs as uid " + std::to_string(uid) +
                    ", the sidecar's own: its connections are not redirected",
                "run the app as another user (securityContext.runAsUser); no container but the sidecar's has uid " +
                    std::to_string(uid));
  }
  return ok("no other process runs as uid " + std::to_string(uid) + ", among the " + std::to_string(processes.size()) +
            " that are seen from here");
}

Finding redirectRules(Exam& exam) {
  if (!exam.model()->redirect.enabled) return skipped(kOff);
  const auto rules = exam.machine().redirectRules();
  if (!rules) return skipped(rules.error());
  const std::string remedy =
      "outrigger redirect apply --config " + exam.subject().path + ", as root (in a pod: the init container)";
  if (!redirect::redirects(*rules))
    return fail("the kernel redirects nothing, though redirect.enabled is true", remedy);
  const auto ports = redirect::listenerPorts(*rules);
  for (const char* name : {"inbound", "outbound"}) {
    const auto plan = exam.listeners().find(name);
    if (plan == exam.listeners().end() || plan->second.address.port() == 0) continue;
    const uint16_t port = plan->second.address.port();
    if (std::ranges::count(ports, port) > 0) continue;
    return fail("the kernel's rules send nothing to port " + std::to_string(port) + ", where listener " + name + " is",
                remedy);
  }
  return ok("the kernel redirects to the ports of the config");
}

}  // namespace outrigger::control::doctor
