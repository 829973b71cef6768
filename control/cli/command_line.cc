#include "control/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include "config/quantity.h"
#include "control/cli/add_verbs.h"
#include "control/cli/help_text.h"
#include "control/cli/output.h"
#include "control/cli/standard_streams.h"
#include "control/cli/usage_error.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

void addRun(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("run", "Run the sidecar");
  auto options = std::make_shared<Sidecar::Options>();
  verb->add_option("--config", options->configFile, "The config file; its folder is watched")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option("--defaults", options->defaultsFile,
                   "A file that the config is laid over, map by map; one of the two may be missing")
      ->type_name("FILE");
  verb->add_option("--workers", options->workers, "Worker threads, 1 to 64, instead of what the config says")
      ->check(CLI::Range(1, 64));
  verb->add_option("--state", options->stateFolder, "Folder that keeps the last good config for a start with a bad one")
      ->type_name("FOLDER")
      ->check(CLI::ExistingDirectory);
  verb->add_option("--service-account", options->serviceAccount, "Folder with the token for the API server")
      ->type_name("FOLDER")
      ->capture_default_str();
  auto nameServer = std::make_shared<std::string>();  // for tests: hidden
  verb->add_option("--dns-server", *nameServer)->group("")->check([options](const std::string& text) {
    const auto address = Address::parse(text);
    if (!address || !address->isIp()) return std::string("--dns-server: an IP address with a port, as 127.0.0.1:53");
    options->nameServer = *address;
    return std::string();
  });
  verb->footer(
      "Example: outrigger run --config outrigger.yaml\n"
      "The file is followed: a change that can be used takes effect within a second, another is told and left. "
      "SIGTERM\n"
      "drains and ends, a second one ends at once. Exit code: 0 ended in order, 2 wrong usage, a config that cannot "
      "be\n"
      "used, or a port that is taken.");
  verb->callback([options, nameServer, &action] { action = [options] { return runSidecar(*options); }; });
}

void addDemo(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("demo", "Show a sidecar at work, with toy services and traffic built in");
  auto length = std::make_shared<std::string>();
  verb->add_option("--for", *length, "End by itself after this time, such as 10s")
      ->type_name("TIME")
      ->check([](const std::string& text) {
        const auto time = config::readDuration(text);
        return time ? std::string() : "--for " + time.error().what;
      });
  verb->footer(
      "Example: outrigger demo --for 30s\n"
      "Keys 1 to 4 break and mend things, Ctrl-C ends it. Exit code: 0.");
  verb->callback([length, &action] {
    action = [length] {
      const auto time = config::readDuration(*length);
      return runDemo(time ? std::optional(*time) : std::nullopt);
    };
  });
}

void addInject(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("inject", "Put the sidecar into a file of Kubernetes' objects");
  auto options = std::make_shared<InjectOptions>();
  auto format = std::make_shared<std::string>("yaml");
  verb->add_option("-f,--file", options->file, "The file; - is the standard input")->type_name("FILE")->required();
  verb->add_option("--config", options->configFile, "The injector's config file (injector.yaml)")->type_name("FILE");
  verb->add_option("-o,--output", *format, "How it is printed")
      ->check(CLI::IsMember({"yaml", "json"}))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "The same as -o json");
  verb->footer(
      "Example: outrigger inject -f deployment.yaml | kubectl apply -f -\n"
      "What was done stands on stderr, one line for each workload. Exit code: 0 done, 1 a workload that asks for a\n"
      "sidecar got none, 2 the file or the config cannot be used.");
  verb->callback([=, &action] {
    options->json = options->json || *format == "json";
    action = [options] { return injectFile(*options); };
  });
}

void addInjector(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("injector", "Run the webhook that puts the sidecar into new pods");
  auto options = std::make_shared<injector::Injector::Options>();
  verb->add_option("--config", options->configFile, "The injector's config file; it and its certificate are watched")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option("--service-account", options->serviceAccount, "Folder with the token for the API server")
      ->type_name("FOLDER")
      ->capture_default_str();
  verb->footer(
      "Example: outrigger injector --config injector.yaml\n"
      "Exit code: 0 ended in order, 2 wrong usage or a config that cannot be used.");
  verb->callback([options, &action] { action = [options] { return runInjector(*options); }; });
}

void addVersion(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("version", "Say which version this is");
  auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Print JSON");
  verb->footer("Example: outrigger version --json\nExit code: 0.");
  verb->callback([json, &action] { action = [json] { return showVersion(*json); }; });
}

// In the order of --help.
constexpr AddVerb kVerbs[] = {
    addRun,       // the sidecar
    addUp,        //
    addCheck,     // its file
    addDiff,      //
    addFmt,       //
    addExplain,   //
    addSchema,    //
    addStatus,    // a running one
    addTop,       //
    addTap,       //
    addWhy,       //
    addEndpoint,  //
    addConfig,    //
    addReload,    //
    addLogLevel,  //
    addDrain,     //
    addDoctor,    //
    addBundle,    //
    addRedirect,  // around it
    addInject,    //
    addInjector,  //
    addDemo,      //
    addVersion,   //
    addCompletion, addMan, addReference,
};

void declare(CLI::App& app, Action& action) {
  app.name("outrigger");
  app.description("Outrigger: a sidecar proxy that keeps services up when their parts fail");
  app.set_version_flag("--version", "outrigger " OUTRIGGER_VERSION, "Say which version this is, and exit");
  app.footer("Example: outrigger demo\n`outrigger VERB --help` says more of each, `outrigger man` all of it.");
  app.require_subcommand(1);
  for (const AddVerb add : kVerbs) add(app, action);
}

// What is typed behind the program's name; `help VERB` stands for `VERB --help`.
std::vector<std::string> wordsOf(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

int refuse(const Command& root, const std::vector<std::string>& words, const std::string& why) {
  const bool json = std::ranges::find(words, "--json") != words.end();
  return fail(commandOf(root, words).path, kUnusable, why, json);
}

// A verb that the tree does not show: for our own scripts.
bool isHidden(const CLI::App& app, const std::vector<std::string>& words) {
  const auto named = [&](const CLI::App* verb) {
    return !words.empty() && verb->get_name() == words.front() && verb->get_group().empty();
  };
  return !app.get_subcommands(named).empty();
}

// Parses, runs, and returns the exit code.
int carryOut(const std::vector<std::string>& words) {
  CLI::App app;
  Action action;
  declare(app, action);
  const Command root = commandTree(app);
  if (!isHidden(app, words)) {
    if (const std::string why = noSuchVerb(root, words); !why.empty()) return refuse(root, words, why);
  }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as the parser takes them
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    print(helpText(commandOf(root, words)));
    return kOk;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return kOk;
  } catch (const CLI::ParseError& error) {
    return refuse(root, words, usageError(root, words, error.what()));
  }
  return action();
}

// What could not be printed was not told, whatever came of it.
int afterPrinting(int code) {
  if (flushed()) return code;
  std::fprintf(stderr, "outrigger: the output could not be written to its end: %s\n", std::strerror(errno));
  return std::max(code, kFinding);
}

}  // namespace

Command everyVerb() {
  CLI::App app;
  Action action;
  declare(app, action);
  return commandTree(app);
}

int main(int argc, const char* const* argv) {
  completeStandardStreams();
  return afterPrinting(carryOut(wordsOf(argc, argv)));
}

}  // namespace outrigger::control::cli
