#include <sstream>

#include "control/cli/spoken.h"
#include "control/doctor/checks.h"

namespace outrigger::control::doctor {
namespace {

Finding nobodyAnswers(Exam& exam) {
  const std::string nobody = "nobody answers at " + exam.subject().admin.text() + " (" + exam.status().answer.why + ")";
  if (exam.sidecar() == nullptr) return skipped("no sidecar is seen to run: " + nobody);
  return warn(called(*exam.sidecar()) + " runs a sidecar, but " + nobody,
              "name its admin listener with --admin; if that is the one, the process hangs: its log says more");
}

// Whether a line tells of an error: "FILE:LINE:COLUMN OR120 what"; those from OR300 on are warnings.
bool tellsAnError(const std::string& line) {
  const size_t code = line.find(" OR");
  return code != std::string::npos && code > 0 && isDigit(line[code - 1]) && code + 3 < line.size() &&
         (line[code + 3] == '1' || line[code + 3] == '2');
}

// The first error in it, with its place; where there is none, as of a certificate, its first line.
std::string errorOf(const nlohmann::json& config) {
  const std::string text = config.value("error", std::string("its log says why"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (tellsAnError(line)) return cli::harmless(line);
  }
  return cli::harmless(text.substr(0, text.find('\n')));
}

std::string firstBlocker(const nlohmann::json& status) {
  const auto blockers = status.find("blockers");
  if (blockers == status.end() || !blockers->is_array() || blockers->empty()) return "it does not say why";
  return blockers->front().is_string() ? cli::harmless(blockers->front().get<std::string>()) : "it does not say why";
}

Finding judge(const nlohmann::json& status, const std::string& path) {
  const std::string version = cli::harmless(status.value("version", std::string()));
  const auto config = status.find("config");
  if (config != status.end() && config->is_object() && !config->value("newest_is_in_effect", true)) {
    return fail("the sidecar refused the newest config and goes on with an older one: " + errorOf(*config),
                "outrigger check " + path + ", mend it; it is loaded as soon as it changes");
  }
  if (!status.value("ready", true)) {
    return warn("the sidecar is not ready: " + firstBlocker(status), "outrigger status shows how it stands");
  }
  if (version != OUTRIGGER_VERSION) {
    return warn("the running sidecar is of version " + version +
                    ", this program of " OUTRIGGER_VERSION ": what is said here may not fit",
                "ask with the program that runs (kubectl exec into its container), or restart it with this one");
  }
  return ok("the running sidecar is of version " + version + " and has the newest config");
}

}  // namespace

Finding sidecarAnswers(Exam& exam) {
  const Exam::Status& status = exam.status();
  if (!status.answer.connected) return nobodyAnswers(exam);
  if (!status.json) {
    const std::string why = status.answer.text ? "its answer is not a sidecar's" : status.answer.why;
    return fail("what listens at " + exam.subject().admin.text() + " is no sidecar's admin page: " + why,
                "name the sidecar's admin listener with --admin, or end what has taken its place");
  }
  try {
    return judge(*status.json, exam.subject().path);
  } catch (const nlohmann::json::exception&) {
    return fail("what listens at " + exam.subject().admin.text() + " answers as no sidecar of this version does",
                "ask with the program that runs there");
  }
}

Finding stateFolder(Exam& exam) {
  const auto& folder = exam.subject().stateFolder;
  if (!folder)
    return skipped("no --state folder is given: after a bad config, a new start has nothing to fall back on");
  Machine& machine = exam.machine();
  if (!machine.isFolder(*folder)) return fail(*folder + " is no folder", "mount one there (an emptyDir will do)");
  if (!machine.mayWriteIn(*folder)) {
    return fail(*folder + " cannot be written to by this user",
                "give it to the sidecar's user (fsGroup in the pod's securityContext)");
  }
  const std::string kept = *folder + "/last-good.yaml";
  const auto text = machine.read(kept);
  if (!text && machine.modifiedAt(kept)) {
    return warn(kept + " cannot be read (" + text.error() + "): a start with a bad config would fail",
                "look at it as the sidecar's user; the next good config replaces it");
  }
  if (!text) {
    return warn(kept + " is not there yet: a start with a bad config would fail",
                "start the sidecar once with a good config and this --state");
  }
  if (!cli::checkText(kept, *text).usable()) {
    return warn(kept + " does not load: a start with a bad config would fail",
                "outrigger check " + kept + "; the next good config replaces it");
  }
  return ok(kept + " is kept for a start with a bad config");
}

}  // namespace outrigger::control::doctor
