#include "control/bundle/bundle.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "control/admin/pages_json.h"
#include "control/bundle/redaction.h"
#include "control/bundle/system_text.h"
#include "control/bundle/tar.h"
#include "control/config_file.h"
#include "control/gzip.h"

namespace outrigger::control::bundle {
namespace {

constexpr size_t kMostRefusals = 2;

struct Page {
  const char* name;
  const char* path;
  const char* about;
};
constexpr Page kPages[] = {
    {"status.json", "/api/status", "version, config, listeners and workers of the sidecar"},
    {"upstreams.json", "/api/upstreams", "each upstream: breaker, retry tokens, endpoints with their states"},
    {"live.json", "/api/live", "the live page's state: the last five minutes by the second, the last hour by ten"},
    {"decisions.json", "/api/decisions", "the last things out of the ordinary, in words"},
    {"config_effective.json", "/api/config", "each value in effect, and where it comes from"},
    {"config_history.json", "/api/config/history", "the reloads, with what they changed or why they were rejected"},
    {"metrics.txt", "/metrics", "the metrics, as Prometheus reads them"},
};

std::string textOf(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::expected<std::string, std::string> redacted(const Page& page, const std::string& text) {
  if (std::string_view(page.name).ends_with(".txt")) return text;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded())
    return std::unexpected(std::string("what the sidecar gives as ") + page.path + " is no JSON");
  // It stands in files of its own.
  if (std::string_view(page.name) == "live.json" && json.is_object()) json.erase("config");
  return textOf(withoutSecrets(std::move(json)));
}

int64_t pidIn(const Bundle& bundle) {
  for (const File& file : bundle.files) {
    if (file.name != "status.json") continue;
    const Json status = Json::parse(file.contents, nullptr, false);
    const auto pid = status.find("pid");
    if (pid != status.end() && pid->is_number_integer()) return pid->get<int64_t>();
  }
  return 0;
}

void addProcess(Bundle& bundle, bool local) {
  constexpr const char* kName = "process.txt";
  const auto pid = pidIn(bundle);
  std::string text;
  if (pid == 0 || !local) {
    bundle.problems.push_back({kName, pid == 0 ? "no sidecar said which process it is"
                                               : "the sidecar is asked over the network: its process is elsewhere"});
  } else if (auto sidecar = processText(pid)) {
    text = *sidecar + "\n";
  } else {
    bundle.problems.push_back({kName, sidecar.error()});
  }
  bundle.files.push_back({kName, "limits and sizes of the sidecar's process, where it runs here, and of this one",
                          text + ownProcessText()});
}

std::string problemsText(const Bundle& bundle) {
  if (bundle.problems.empty()) return "none: all that was asked for is here\n";
  std::string text;
  for (const Problem& problem : bundle.problems) text += problem.file + ": " + problem.why + "\n";
  return text;
}

}  // namespace

void addSidecar(Bundle& bundle, const GetPage& getPage, bool local) {
  size_t refusals = 0;
  for (const Page& page : kPages) {
    if (refusals == kMostRefusals) {
      bundle.problems.push_back({page.name, "not asked for, since nobody gave the two before it"});
      continue;
    }
    const auto got = getPage(page.path);
    refusals = got ? 0 : refusals + 1;
    const auto text = got ? redacted(page, *got) : got;
    if (text) {
      bundle.files.push_back({page.name, page.about, *text});
    } else {
      bundle.problems.push_back({page.name, text.error()});
    }
  }
  addProcess(bundle, local);
}

void addConfigFile(Bundle& bundle, const std::string& file, const std::string& defaults) {
  constexpr const char* kName = "config_file.json";
  const auto read = readConfigFile({file, defaults.empty() ? std::nullopt : std::optional(defaults)});
  if (!read) {
    bundle.problems.push_back({kName, read.error()});
    return;
  }
  const config::LoadResult loaded = loadConfig(*read);
  std::vector<std::string> names;
  for (const std::string& path : loaded.files) names.push_back(std::filesystem::path(path).filename().string());
  Json json{{"file", read->path}, {"hash", read->hash}, {"usable", loaded.model != nullptr}};
  json["findings"] = withoutQuotes(renderAll(loaded.diagnostics));
  json["values"] = Json::array();
  // What is wrong with a file that cannot be used may stand in any of its values.
  if (loaded.model != nullptr) json["values"] = admin::valuesJson(config::effectiveValues(loaded.effective, names));
  bundle.files.push_back({kName, "what the file given with --config says, and what is wrong with it",
                          textOf(withoutSecrets(std::move(json)))});
}

void addHere(Bundle& bundle) {
  bundle.files.push_back({"version.json", "the version of the program that wrote this; the sidecar's is in status.json",
                          textOf({{"version", OUTRIGGER_VERSION}})});
  bundle.files.push_back(
      {"machine.txt", "kernel, CPUs, memory and control group where this was written", machineText()});
}

std::string nameAt(WallTime when) {
  std::string digits;
  for (const char c : admin::isoTime(when)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return "outrigger-bundle-" + digits.substr(0, 8) + "-" + digits.substr(8, 6);
}

void addManifest(Bundle& bundle, WallTime when) {
  constexpr const char* kProblems = "problems.txt";
  bundle.files.push_back({kProblems, "what could not be had, and why", problemsText(bundle)});
  std::string text = "# " + nameAt(when) + "\n\nWritten by outrigger " OUTRIGGER_VERSION " at " + admin::isoTime(when) +
                     ". Look through it before it leaves your hands.\n\n| file | what it is |\n|---|---|\n";
  for (const File& file : bundle.files) text += "| `" + file.name + "` | " + file.about + " |\n";
  text += "\n## What is left out\n\n" + redactionText();
  bundle.files.insert(bundle.files.begin(), {"MANIFEST.md", "this", text});
}

std::string packed(const Bundle& bundle, WallTime when) {
  Tar tar(when);
  for (const File& file : bundle.files) {
    if (!tar.add(nameAt(when) + "/" + file.name, file.contents)) return {};
  }
  return gzip(tar.finish());
}

}  // namespace outrigger::control::bundle
