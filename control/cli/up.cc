#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "control/cli/add_verbs.h"
#include "control/cli/output.h"
#include "control/cli/temporary_folder.h"
#include "control/cli/up_config.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

// Where distributions keep the authorities that everybody trusts.
std::string systemTrust() {
  for (const char* path :
       {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

int runUp(const UpOptions& options, bool printConfig) {
  const auto text = upConfig(options, systemTrust());
  if (!text) {
    return fail("up", kUnusable, text.error());
  }
  if (printConfig) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return kOk;
  }
  if (options.app.empty() && options.to.empty()) {
    return fail("up", kUnusable,
                "there is nothing to do: name the app beside us with --app, or a service that it calls with --to");
  }
  const TemporaryFolder folder;
  Sidecar::Options run;
  run.configFile = folder.path() + "/outrigger.yaml";
  std::ofstream(run.configFile) << *text;
  return runSidecar(run);
}

}  // namespace

void addUp(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("up", "Run a sidecar without a file, for a laptop or a first look");
  auto options = std::make_shared<UpOptions>();
  auto print = std::make_shared<bool>(false);
  verb->add_option("--app", options->app, "The app beside us: its port, or its address");
  verb->add_option("--to", options->to, "A service that the app calls: NAME=URL; may be given several times")
      ->take_all();
  verb->add_flag("--actions", options->actions, "Let the admin listener change things");
  verb->add_flag("--print-config", *print, "Print the file that says the same, and end");
  verb->footer(
      "Example: outrigger up --app 8080 --to payments=http://localhost:9000\n"
      "The app then calls http://127.0.0.1:15101 with `Host: payments` (a tcp://HOST:5432 at 127.0.0.1:15432), others "
      "call\n"
      "port 15106, and the live page is http://127.0.0.1:15100/. Exit code: 0 ended in order, 2 wrong usage or a port "
      "that is taken.");
  verb->callback([=, &action] { action = [=] { return runUp(*options, *print); }; });
}

}  // namespace outrigger::control::cli
