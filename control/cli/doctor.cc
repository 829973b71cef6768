// `outrigger doctor`: what is wrong with a sidecar, its config and the machine beneath, by named checks.
#include "control/cli/doctor.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "control/cli/add_verbs.h"
#include "control/cli/admin_client.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"
#include "control/doctor/exam.h"
#include "control/doctor/report.h"
#include "control/doctor/this_machine.h"

namespace outrigger::control::cli {
namespace {

struct VerbOptions : DoctorOptions {
  bool json = false;
};

// A sidecar lets nobody but root look up the folder that it runs in; its admin page tells where its file is. Empty: it
// does not answer, or the file is none of this machine's.
std::string toldByPage(const DoctorOptions& options, doctor::Machine& machine) {
  const auto admin = chooseAdmin(options.admin, std::getenv(kAdminVariable));
  if (!admin) return {};
  const auto page = machine.page(*admin, "/api/status", doctor::Exam::kPageLimit);
  const Json json = Json::parse(page.text.value_or(""), nullptr, false);
  const Json::json_pointer where("/config/file");
  if (!json.is_object() || !json.contains(where) || !json[where].is_string()) return {};
  const std::string path = json[where].get<std::string>();
  return path.starts_with('/') && machine.modifiedAt(path) ? path : std::string();
}

// What is not said is as the sidecar that runs here was started.
void completeBy(DoctorOptions& options, doctor::Machine& machine) {
  const auto processes = doctor::processesOf(machine);
  const auto take = [&](std::string& option, const std::string& name) {
    if (option.empty()) option = doctor::pathOfSidecar(machine, processes, name);
  };
  if (options.config.empty()) take(options.defaults, "defaults");
  take(options.config, "config");
  if (options.config.empty()) options.config = toldByPage(options, machine);
  take(options.state, "state");
  take(options.serviceAccount, "service-account");
  if (options.config.empty()) options.config = Sidecar::Options().configFile;
  if (options.serviceAccount.empty()) options.serviceAccount = Sidecar::Options().serviceAccount;
}

// Whom to ask: as the other verbs do, but the config comes before the default.
std::expected<Address, std::string> adminOf(const DoctorOptions& options, const config::Model* model) {
  const char* variable = std::getenv(kAdminVariable);
  const bool said = !options.admin.empty() || (variable != nullptr && *variable != '\0');
  if (said || model == nullptr || !model->listen.admin) return chooseAdmin(options.admin, variable);
  const Address& admin = *model->listen.admin;
  if (!admin.isIp()) return admin;
  if (admin.port() == 0) return chooseAdmin("", nullptr);
  return admin.isWildcard() ? Address::loopback(admin.port()) : admin;
}

int examine(const VerbOptions& options) {
  const auto all = examineHere(options);
  if (!all) return fail("doctor", kUnusable, all.error(), options.json);
  print(options.json ? jsonText(doctor::reportJson(*all)) : doctor::reportText(*all));
  return doctor::anyFails(*all) ? kFinding : kOk;
}

}  // namespace

std::expected<std::vector<doctor::Diagnosis>, std::string> examineHere(DoctorOptions options) {
  doctor::ThisMachine machine;
  completeBy(options, machine);
  const auto optional = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  doctor::Subject subject{.path = options.config,
                          .file = checkConfig(options.config, optional(options.defaults)),
                          .admin = {},
                          .stateFolder = optional(options.state),
                          .serviceAccount = options.serviceAccount};
  const auto admin = adminOf(options, subject.file ? subject.file->loaded.model.get() : nullptr);
  if (!admin) return std::unexpected(admin.error());
  subject.admin = *admin;
  doctor::Exam exam(machine, subject);
  return doctor::examine(exam);
}

void addDoctor(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("doctor", "Look for what is wrong: config, ports, names, certificates, limits");
  auto options = std::make_shared<VerbOptions>();
  verb->add_option(
          "--config", options->config,
          "The config file; without it, that of the sidecar that runs here, or " + Sidecar::Options().configFile)
      ->type_name("FILE");
  verb->add_option("--defaults", options->defaults, "The file that it is laid over, if it is; likewise")
      ->type_name("FILE");
  verb->add_option("--state", options->state, "The folder that keeps the last good config; likewise")
      ->type_name("FOLDER");
  verb->add_option("--service-account", options->serviceAccount,
                   "The folder with the token for the API server; likewise")
      ->type_name("FOLDER");
  verb->add_option("--admin", options->admin,
                   std::string("The admin listener of the sidecar; without it, what ") + kAdminVariable +
                       " holds, what the config says, or " + kAdminDefault)
      ->type_name("ADDRESS");
  verb->add_flag("--json", options->json, "Print JSON: a list of {name, result, found, remedy}");
  verb->footer(
      "Example: outrigger doctor --config /etc/outrigger/outrigger.yaml\n"
      "Nothing is changed, and no request is sent to the app or an upstream: connections are opened and closed.\n"
      "Exit code: 0 nothing fails (there may be warnings), 1 a check fails, 2 wrong usage.");
  verb->callback([options, &action] { action = [options] { return examine(*options); }; });
}

}  // namespace outrigger::control::cli
