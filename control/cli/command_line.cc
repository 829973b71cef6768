#include "control/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "config/quantity.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

using Action = std::function<int()>;

void addRun(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("run", "Run the sidecar");
  auto options = std::make_shared<Sidecar::Options>();
  verb->add_option("--config", options->configFile, "The config file; its folder is watched")->capture_default_str();
  verb->add_option("--workers", options->workers, "Worker threads, instead of what the config says")
      ->check(CLI::Range(1, 64));
  verb->add_option("--state", options->stateFolder, "Folder that keeps the last good config for a start with a bad one")
      ->check(CLI::ExistingDirectory);
  auto nameServer = std::make_shared<std::string>();  // for tests: hidden
  verb->add_option("--dns-server", *nameServer)->group("")->check([options](const std::string& text) {
    const auto address = Address::parse(text);
    if (!address || !address->isIp()) return std::string("--dns-server: an IP address with a port, as 127.0.0.1:53");
    options->nameServer = *address;
    return std::string();
  });
  verb->callback([options, nameServer, &action] { action = [options] { return runSidecar(*options); }; });
}

void addCheck(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("check", "Say what is wrong with a config file");
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  verb->add_option("FILE", *path, "The config file")->required();
  verb->add_flag("--json", *json, "Print JSON");
  verb->footer("Exit code: 0 nothing to say, 1 warnings, 2 errors.");
  verb->callback([=, &action] { action = [=] { return checkFile(*path, *json); }; });
}

void addDemo(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("demo", "Show a sidecar at work, with toy services and traffic built in");
  auto length = std::make_shared<std::string>();
  verb->add_option("--for", *length, "End by itself after this time, such as 10s")->check([](const std::string& text) {
    const auto time = config::readDuration(text);
    return time ? std::string() : "--for " + time.error().what;
  });
  verb->callback([length, &action] {
    action = [length] {
      const auto time = config::readDuration(*length);
      return runDemo(time ? std::optional(*time) : std::nullopt);
    };
  });
}

void addVersion(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("version", "Say which version this is");
  auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Print JSON");
  verb->callback([json, &action] { action = [json] { return showVersion(*json); }; });
}

}  // namespace

int main(int argc, const char* const* argv) {
  CLI::App app("Outrigger: a sidecar proxy that keeps services up when their parts fail", "outrigger");
  app.require_subcommand(1);
  Action action;
  addRun(app, action);
  addCheck(app, action);
  addDemo(app, action);
  addVersion(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUnusable;
  }
  return action();
}

}  // namespace outrigger::control::cli
