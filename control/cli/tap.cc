// `outrigger tap`: requests of a running sidecar, as they end.
#include "config/quantity.h"
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/cli/tap_text.h"
#include "control/percent.h"

namespace outrigger::control::cli {
namespace {

struct TapOptions : AskOptions {
  bool errors = false;
  std::string upstream;
  std::string route;
  std::string slowerThan;
  std::string length;
  uint64_t most = 0;  ///< 0: no end
};

std::string targetOf(const TapOptions& options) {
  std::string target = "/api/tap";
  const auto add = [&target](const char* name, const std::string& value) {
    if (value.empty()) return;
    target += (target.find('?') == std::string::npos ? "?" : "&") + std::string(name) + "=" + percentEncoded(value);
  };
  add("errors", options.errors ? "1" : "");
  add("upstream", options.upstream);
  add("route", options.route);
  add("slower-than", options.slowerThan);
  return target;
}

/// Prints what comes; knows when it is enough.
class Printer {
 public:
  explicit Printer(const TapOptions& options) : options_(options) {}

  /// False: enough was printed, or nobody reads it.
  bool print(Bytes event, Bytes data) {
    const Json json = Json::parse(data, nullptr, false);
    if (!json.is_object()) return true;
    if (event == "left-out") return leaveOut(json.value("records", uint64_t{0}));
    if (event != "record") return true;
    cli::print((options_.json ? std::string(data) : tapText(json)) + "\n");
    ++printed_;
    return flushed() && (options_.most == 0 || printed_ < options_.most);
  }

 private:
  bool leaveOut(uint64_t count) {
    if (options_.json) {
      cli::print(cli::jsonLine({{"left_out", count}}));
    } else {
      cli::print("... and " + counted(count, "more") + ", left out: that is faster than is told\n");
    }
    return flushed();
  }

  const TapOptions& options_;
  uint64_t printed_ = 0;
};

std::expected<int, std::string> watch(AdminClient& sidecar, const TapOptions& options) {
  Printer printer(options);
  const auto length = config::readDuration(options.length);
  const auto error = sidecar.follow(targetOf(options), length ? std::optional<Duration>(*length) : std::nullopt,
                                    [&printer](Bytes event, Bytes data) { return printer.print(event, data); });
  if (error) return std::unexpected(*error);
  return kOk;
}

CLI::Validator isTime(const char* option) {
  return CLI::Validator(
      [option](const std::string& text) {
        const auto time = config::readDuration(text);
        return time ? std::string() : std::string(option) + " " + time.error().what;
      },
      "TIME");
}

}  // namespace

void addTap(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("tap", "Watch requests as they end");
  auto options = std::make_shared<TapOptions>();
  addAskOptions(*verb, *options);
  verb->add_flag("--errors", options->errors, "Only those that failed");
  verb->add_option("--upstream", options->upstream, "Only of this upstream");
  verb->add_option("--route", options->route, "Only of this route");
  verb->add_option("--slower-than", options->slowerThan, "Only those that took longer, such as 100ms")
      ->type_name("TIME")
      ->check(isTime("--slower-than"));
  verb->add_option("--for", options->length, "End after this time, such as 10s")
      ->type_name("TIME")
      ->check(isTime("--for"));
  verb->add_option("--max", options->most, "End after so many")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000}));
  verb->footer(
      "Example: outrigger tap --errors --upstream orders --for 1m\n"
      "Each is what the access log would have, whatever `log: {access}` says; with --json one object a line. A worker\n"
      "tells at most 200 a second; how many more there were is told. Exit code: 0 told, 1 no sidecar answers, or it "
      "has\n"
      "gone.");
  verb->callback([options, &action] {
    action = [options] {
      return withSidecar("tap", *options, [&](AdminClient& sidecar) { return watch(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
