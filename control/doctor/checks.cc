#include "control/doctor/checks.h"

#include "control/reference/markdown.h"

namespace outrigger::control::doctor {
namespace {

constexpr Check kChecks[] = {
    {"config-readable", "a config file that is not there, or may not be read", configReadable, false},
    {"config-loads", "errors and warnings of `outrigger check`, with the first of them", configLoads, false},
    {"config-mount", "a config file that is mounted by itself (`subPath`): what changes in it is never seen",
     configMount, false},
    {"listeners-free", "an address of ours that another process holds, or that this machine does not have",
     listenersFree},
    {"listener-loop", "an endpoint, also one that the DNS tells, that is a listener of ours: a circle", listenerLoop},
    {"admin-loopback", "an admin listener that other machines reach", adminLoopback},
    {"telemetry-open", "in a pod, a telemetry listener that nobody can scrape or probe", telemetryOpen},
    {"ephemeral-ports", "few ports for connections of our own, or listeners of ours among them", ephemeralPorts},
    {"uid-clash",
     "in redirect mode, another process that runs as the sidecar's user: its connections are not redirected", uidClash},
    {"redirect-rules", "in redirect mode, missing rules of the kernel, or rules for other ports", redirectRules},
    {"app-answers", "a port of the app that takes no connection", appAnswers},
    {"endpoints-reachable", "endpoints of the file that take no connection within a second", endpointsReachable},
    {"tracing-collector", "a collector of spans that takes no connection", tracingCollector},
    {"upstream-dns", "names that do not resolve, and names with one address only, behind which nothing can be balanced",
     upstreamDns},
    {"resolv-conf", "no name server; search domains that make several questions out of one", resolvConf},
    {"service-account", "for `kubernetes` upstreams: no API server in the environment, no token, no authority",
     serviceAccount},
    {"certificate-pair", "a certificate or a key that cannot be read, or that do not belong together", certificatePair},
    {"certificate-dates", "a certificate that has expired, is not valid yet, or is about to expire", certificateDates},
    {"trust-bundle", "authorities that cannot be read or have expired", trustBundle},
    {"clock", "a clock that is wrong: years off, or before the config file and the certificates were made", clockSane},
    {"open-files", "fewer open files than the limits on connections ask for", openFiles},
    {"workers-cpu", "more workers than CPUs or the container's quota of them", workersCpu},
    {"memory-limit", "a container with less than 64 MiB", memoryLimit},
    {"sidecar-answers", "a running sidecar that is silent, of another version, not ready, or refused the newest config",
     sidecarAnswers, false},
    {"state-folder", "a folder for the last good config that cannot be written to, or holds none that loads",
     stateFolder, false},
};

}  // namespace

std::span<const Check> allChecks() {
  return kChecks;
}

std::vector<Diagnosis> examine(Exam& exam) {
  std::vector<Diagnosis> all;
  for (const Check& check : kChecks) {
    const bool can = !check.needsModel || exam.model() != nullptr;
    all.push_back({&check, can ? check.run(exam) : skipped("the config does not load")});
  }
  return all;
}

std::string checkTable() {
  reference::Table table({"check", "what it finds"});
  for (const Check& check : kChecks) table.row({reference::code(check.name), std::string(check.finds)});
  return table.text();
}

}  // namespace outrigger::control::doctor
