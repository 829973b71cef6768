#include <algorithm>

#include "control/cli/spoken.h"
#include "control/doctor/checks.h"
#include "control/doctor/mounts.h"

namespace outrigger::control::doctor {
namespace {

std::string placed(const config::Diagnostic& d) {
  return d.file + ":" + std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + " " +
         config::codeText(d.code) + " " + d.message;
}

std::string firstOf(const cli::CheckedFile& file, config::Severity severity) {
  const auto& all = file.loaded.diagnostics;
  const auto first = std::ranges::find(all, severity, &config::Diagnostic::severity);
  return first == all.end() ? std::string() : cli::harmless(placed(*first));
}

size_t countOf(const cli::CheckedFile& file, config::Severity severity) {
  return static_cast<size_t>(std::ranges::count(file.loaded.diagnostics, severity, &config::Diagnostic::severity));
}

}  // namespace

Finding configReadable(Exam& exam) {
  const Subject& subject = exam.subject();
  if (subject.file) return ok(subject.path + " can be read");
  return fail(
      cli::harmless(subject.file.error()),
      "name the file with --config; in a pod, mount the ConfigMap as a folder, readable for the sidecar's user");
}

Finding configLoads(Exam& exam) {
  using config::Severity;
  const Subject& subject = exam.subject();
  if (!subject.file) return skipped("there is no file to load");
  const cli::CheckedFile& file = *subject.file;
  const std::string remedy = "outrigger check " + subject.path + " shows all of it; outrigger explain CODE says more";
  if (const size_t errors = countOf(file, Severity::Error); errors > 0) {
    return fail(cli::counted(errors, "error") + ", the first: " + firstOf(file, Severity::Error), remedy);
  }
  if (file.compileError) {
    return fail(cli::harmless(config::placeText(file.loaded, file.compileError->place) + " " + file.compileError->why),
                "mend what that line names; outrigger check " + subject.path + " says whether it is good");
  }
  if (const size_t warnings = countOf(file, Severity::Warning); warnings > 0) {
    return warn(cli::counted(warnings, "warning") + ", the first: " + firstOf(file, Severity::Warning), remedy);
  }
  return ok("it loads: " + cli::counted(exam.model()->upstreams.size(), "upstream") + ", " +
            cli::counted(exam.model()->routes.size(), "route"));
}

// The kubelet renews a mounted folder by exchanging a link in it; a mount of a single file holds on to the old one.
Finding configMount(Exam& exam) {
  if (!exam.subject().file) return skipped("there is no file");
  const auto mountinfo = exam.machine().read("/proc/self/mountinfo");
  if (!mountinfo) return skipped("/proc/self/mountinfo cannot be read: " + mountinfo.error());
  const std::string path = exam.machine().absolute(exam.subject().path);
  const auto points = mountPoints(*mountinfo);
  if (std::ranges::count(points, path) == 0) return ok("the file comes with its folder: what changes in it is seen");
  const std::string found = path + " is mounted by itself: ";
  if (exam.inKubernetes()) {
    return fail(found + "the kubelet never renews it, so that no reload will come",
                "mount the ConfigMap as a folder (a mountPath without subPath), and name the file in it with --config");
  }
  return warn(found + "an editor that replaces the file changes another one than the sidecar sees",
              "mount the folder that it stands in instead");
}

}  // namespace outrigger::control::doctor
