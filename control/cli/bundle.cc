// `outrigger bundle`: all that a bug report needs, in one file.
#include "control/bundle/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "control/bundle/redaction.h"
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/doctor.h"
#include "control/cli/spoken.h"
#include "control/doctor/report.h"
#include "control/write_all.h"
#include "proxy/net/event_loop.h"

namespace outrigger::control::cli {
namespace {

struct BundleOptions : AskOptions {
  std::string output;
  std::string config;
  std::string defaults;
};

bool isLocal(const Address& address) {
  return !address.isIp() || address.isLoopback();
}

/// Why a bundle is not there, and the exit code.
struct NotWritten {
  int code;
  std::string why;
};

// A file that is there already is never written over.
std::optional<NotWritten> writeNew(const std::string& file, Bytes octets) {
  const auto because = [] { return std::string(" (") + std::strerror(errno) + ")"; };
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 && errno == EEXIST) {
    return NotWritten{kUnusable, file + " is there already, and stays as it is: -o names another file"};
  }
  if (fd < 0) return NotWritten{kFinding, file + " cannot be written" + because() + ": -o names another place"};
  const bool written = writeAll(fd, octets) && ::fsync(fd) == 0;
  const std::string why = because();
  ::close(fd);
  if (written) return std::nullopt;
  ::unlink(file.c_str());
  return NotWritten{kFinding, file + " could not be written to its end" + why + ", and was removed"};
}

// What a finding quotes of the config is left out, as of any other.
void addFindings(bundle::Bundle& made, const BundleOptions& options) {
  const auto found = examineHere({.config = options.config,
                                  .defaults = options.defaults,
                                  .state = {},
                                  .serviceAccount = {},
                                  .admin = options.admin});
  if (!found) return;
  Json report = doctor::reportJson(*found);
  for (Json& check : report) {
    for (const char* key : {"found", "remedy"}) {
      if (check[key].is_string()) check[key] = bundle::withoutQuotes(check[key].get<std::string>());
    }
  }
  made.files.push_back({"doctor.json", "what `outrigger doctor` found here", jsonText(report)});
}

bundle::Bundle gather(const BundleOptions& options, const Address& address, WallTime now) {
  bundle::Bundle made;
  bundle::addHere(made);
  AdminClient sidecar(address);
  bundle::addSidecar(
      made, [&sidecar](const std::string& path) { return sidecar.getText(path); }, isLocal(address));
  if (!options.config.empty()) bundle::addConfigFile(made, options.config, options.defaults);
  addFindings(made, options);
  bundle::addManifest(made, now);
  return made;
}

void tellMissing(const bundle::Bundle& made) {
  for (const bundle::Problem& problem : made.problems) {
    std::fprintf(stderr, "outrigger bundle: without %s: %s\n", problem.file.c_str(), harmless(problem.why).c_str());
  }
}

void tellWritten(const bundle::Bundle& made, const BundleOptions& options, const std::string& file, size_t size) {
  Json json{{"file", file}, {"bytes", size}, {"files", Json::array()}, {"problems", Json::array()}};
  for (const bundle::File& one : made.files) json["files"].push_back(one.name);
  for (const bundle::Problem& one : made.problems) json["problems"].push_back({{"file", one.file}, {"why", one.why}});
  tell(options, json, [&] {
    return harmless(file) + ": " + counted(made.files.size(), "file") + ", " + std::to_string(size) +
           " bytes; nothing is sent anywhere: look through it, then attach it yourself\n";
  });
}

int writeBundle(const BundleOptions& options) {
  const auto refuse = [&](int code, const std::string& why) { return fail("bundle", code, why, options.json); };
  const bool toStdout = options.output == "-";
  if (toStdout && ::isatty(STDOUT_FILENO) == 1) {
    return refuse(kUnusable, "a terminal shows no archive: put `> FILE` behind it, or name a file with -o");
  }
  if (toStdout && options.json) return refuse(kUnusable, "the archive and --json both want the standard output");
  const auto address = chooseAdmin(options.admin, std::getenv(kAdminVariable));
  if (!address) return refuse(kUnusable, address.error());
  const WallTime now = net::wallNow();
  const bundle::Bundle made = gather(options, *address, now);
  const std::string archive = bundle::packed(made, now);
  if (archive.empty()) return refuse(kFinding, "the archive could not be packed: there is not enough memory");
  tellMissing(made);
  if (toStdout) {
    const bool written = writeAll(STDOUT_FILENO, archive);
    return written
               ? kOk
               : refuse(kFinding, std::string("the archive was not taken to its end (") + std::strerror(errno) + ")");
  }
  const std::string file = options.output.empty() ? bundle::nameAt(now) + ".tar.gz" : options.output;
  if (const auto unwritten = writeNew(file, archive)) return refuse(unwritten->code, unwritten->why);
  tellWritten(made, options, file, archive.size());
  return kOk;
}

}  // namespace

void addBundle(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("bundle", "Put what a bug report needs into one archive, without secrets");
  auto options = std::make_shared<BundleOptions>();
  addAskOptions(*verb, *options);
  verb->add_option("-o,--output", options->output,
                   "The file, which must not be there yet; - is the standard output; else "
                   "outrigger-bundle-YYYYMMDD-HHMMSS.tar.gz in this folder")
      ->type_name("FILE");
  CLI::Option* config = verb->add_option("--config", options->config, "Also what this config file says");
  verb->add_option("--defaults", options->defaults, "A file that it is laid over, map by map")->needs(config);
  verb->footer(
      "Example: outrigger bundle --config /etc/outrigger/outrigger.yaml\n"
      "MANIFEST.md in it says what each file is and what was left out. Without a running sidecar it holds the rest.\n"
      "Exit code: 0 written (what is missing is told on stderr and in problems.txt), 1 it could not be written, 2 the\n"
      "file is there already.");
  verb->callback([options, &action] { action = [options] { return writeBundle(*options); }; });
}

}  // namespace outrigger::control::cli
