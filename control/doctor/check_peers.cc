#include "control/cli/spoken.h"
#include "control/discovery/api_server.h"
#include "control/doctor/checks.h"

namespace outrigger::control::doctor {
namespace {

// A sidecar that redirects takes every connection of other users here: it, and not the endpoint, would answer.
bool ownDialsAreRedirected(Exam& exam) {
  if (!exam.model()->redirect.enabled || exam.sidecar() == nullptr) return false;
  const auto own = ownLine(exam.machine(), exam.processes());
  for (const Process& process : exam.processes()) {
    if (!own.empty() && process.pid == own.front()) return process.uid != exam.sidecar()->uid;
  }
  return false;
}

std::string redirectedText(Exam& exam) {
  return "connections of this user are redirected to the sidecar itself: run this as uid " +
         std::to_string(exam.sidecar()->uid);
}

bool isTold(const config::Model& model) {
  for (const config::UpstreamModel& upstream : model.upstreams) {
    if (upstream.kubernetes) return true;
  }
  return false;
}

bool needsNamespace(const config::Model& model) {
  for (const config::UpstreamModel& upstream : model.upstreams) {
    if (upstream.kubernetes && upstream.kubernetes->nameSpace.empty()) return true;
  }
  return false;
}

}  // namespace

Finding appAnswers(Exam& exam) {
  const auto addresses = exam.appAddresses();
  if (addresses.empty()) return skipped("the config names no app");
  for (const Address& address : addresses) {
    const auto& why = exam.unreachable(address);
    if (!why) continue;
    return fail("the app takes no connection at " + address.text() + ": " + *why,
                "start the app, or name under `app` the port that it listens on");
  }
  return ok("the app takes connections at " + addresses.front().text() +
            (addresses.size() > 1 ? " and " + std::to_string(addresses.size() - 1) + " more" : ""));
}

Finding endpointsReachable(Exam& exam) {
  const Exam::Endpoints endpoints = exam.endpoints();
  if (endpoints.all == 0) return skipped("the config itself names no endpoint");
  if (ownDialsAreRedirected(exam)) return skipped(redirectedText(exam));
  size_t silent = 0;
  std::string first;
  for (const Address& address : endpoints.addresses) {
    const auto& why = exam.unreachable(address);
    if (!why) continue;
    if (silent++ == 0) first = address.text() + ": " + *why;
  }
  const std::string tried = endpoints.all == endpoints.addresses.size()
                                ? cli::counted(endpoints.all, "endpoint")
                                : "the first " + std::to_string(endpoints.addresses.size()) + " of " +
                                      std::to_string(endpoints.all) + " endpoints";
  if (silent == 0) return ok(tried + (endpoints.all == 1 ? " takes connections" : " take connections"));
  return warn(std::to_string(silent) + " of " + tried + " took no connection within 1 s, the first: " + first,
              "look whether the service runs there, and whether a firewall or a NetworkPolicy is in between");
}

Finding tracingCollector(Exam& exam) {
  const auto address = exam.collector();
  if (!address) return skipped("no spans are exported");
  if (ownDialsAreRedirected(exam)) return skipped(redirectedText(exam));
  const auto& why = exam.unreachable(*address);
  if (!why) return ok("the collector of spans takes connections at " + address->text());
  return warn("the collector of spans takes no connection at " + address->text() + ": " + *why +
                  "; spans are lost, requests are not",
              "look whether it runs, or mend tracing.collector");
}

Finding serviceAccount(Exam& exam) {
  if (!isTold(*exam.model())) return skipped("no upstream has `kubernetes`");
  const std::string& folder = exam.subject().serviceAccount;
  Machine& machine = exam.machine();
  const auto lookUp = [&](Bytes name) { return machine.environment(std::string(name)); };
  if (const auto server = discovery::findApiServer(lookUp, folder); !server) {
    return fail(server.error(),
                "run this inside the pod; leave enableServiceLinks and the environment of Kubernetes as "
                "they are");
  }
  const char* kFiles[] = {"/token", "/ca.crt", "/namespace"};
  for (const char* file : kFiles) {
    if (file == kFiles[2] && !needsNamespace(*exam.model())) continue;
    const auto text = machine.read(folder + file);
    if (text && !text->empty()) continue;
    return fail(folder + file + (text ? " is empty" : " cannot be read: " + text.error()),
                "automountServiceAccountToken: true for the pod, and a token that the sidecar's user may read");
  }
  return ok("the API server's address and the service account's files are there");
}

}  // namespace outrigger::control::doctor
