// `outrigger explain`: what a word of ours means, or what becomes of a request that is asked about.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "config/code.h"
#include "config/diagnostic.h"
#include "config/nearest.h"
#include "control/cli/add_verbs.h"
#include "control/cli/checked_file.h"
#include "control/cli/explain_code.h"
#include "control/cli/explain_text.h"
#include "control/cli/verbs.h"
#include "control/explain/explanation.h"
#include "control/reference/advice.h"
#include "control/reference/reference.h"
#include "control/telemetry/families.h"
#include "proxy/exchange/reply_table.h"

namespace outrigger::control::cli {
namespace {

struct ExplainOptions {
  std::vector<std::string> what;
  std::vector<std::string> headers;
  std::string direction;
  std::string identity;
  std::string config = Sidecar::Options().configFile;
  std::optional<std::string> defaults;
  bool json = false;
};

void tell(const Json& json, bool asJson, std::string (*text)(const Json&)) {
  print(asJson ? jsonText(json) : text(json));
}

Json reasonJson(Reason reason) {
  const exchange::ReplyRow& row = exchange::replyRow(reason);
  const reference::Advice& advice = reference::adviceOn(reason);
  Json json{{"reason", std::string(row.word)},       {"status", row.status == 0 ? Json(nullptr) : Json(row.status)},
            {"sentence", std::string(row.sentence)}, {"error", row.isError},
            {"look_at", std::string(advice.lookAt)}, {"pages", Json::array()}};
  for (const Bytes page : advice.pages) json["pages"].push_back("config/policies/" + std::string(page) + ".md");
  return json;
}

Json metricJson(const telemetry::FamilyRow& row) {
  Json json{
      {"metric", row.name}, {"kind", telemetry::kindWord(row.type)}, {"help", row.help}, {"labels", Json::array()}};
  for (const telemetry::LabelRow& label : row.labels) {
    std::string what(label.what);
    for (const Bytes word : label.words) what += (what.empty() ? "" : ", ") + std::string(word);
    json["labels"].push_back({{"name", std::string(label.name)}, {"what", what}});
  }
  return json;
}

Json keysJson(const std::vector<reference::KeyRow>& rows) {
  Json json{{"keys", Json::array()}};
  const std::vector<reference::KeyRow> all = reference::everyKey();
  for (const reference::KeyRow& row : rows) {
    Json key{{"path", row.path}, {"means", row.doc}, {"value", row.value}, {"built_in", row.builtIn}};
    if (row.builtIn.empty() || row.builtIn == "–") key["built_in"] = nullptr;
    key["below"] = Json::array();
    for (const reference::KeyRow& other : all) {
      if (other.path == row.path + "." + other.key || other.path == row.path + ".NAME." + other.key ||
          other.path == row.path + "[]." + other.key) {
        key["below"].push_back(other.key);
      }
    }
    json["keys"].push_back(key);
  }
  return json;
}

// A histogram's parts are asked about as they stand in a query.
const telemetry::FamilyRow* metricOf(Bytes word) {
  for (const Bytes ending : {"_bucket", "_sum", "_count"}) {
    if (word.starts_with("outrigger_") && word.ends_with(ending)) word.remove_suffix(ending.size());
  }
  const auto row = std::ranges::find(telemetry::kFamilies, word, &telemetry::FamilyRow::name);
  return row == std::end(telemetry::kFamilies) ? nullptr : row;
}

// "retry.limit" of "policies.NAME.retry.limit", if it is to have one dot.
std::string endOf(const std::string& path, ptrdiff_t dots) {
  size_t from = path.size();
  for (; dots >= 0 && from != std::string::npos; --dots)
    from = from == 0 ? std::string::npos : path.rfind('.', from - 1);
  return from == std::string::npos ? path : path.substr(from + 1);
}

int unknown(const std::string& word, bool json) {
  std::vector<std::string> known;
  for (const config::CodeRow& row : config::allCodes()) known.push_back(config::codeText(row.code));
  for (size_t i = 0; i < kReasonCount; ++i) known.emplace_back(exchange::replyRow(static_cast<Reason>(i)).word);
  for (const telemetry::FamilyRow& row : telemetry::kFamilies) known.emplace_back(row.name);
  const auto dots = std::ranges::count(word, '.');
  for (const reference::KeyRow& row : reference::everyKey()) known.push_back(endOf(row.path, dots));
  const std::vector<Bytes> candidates(known.begin(), known.end());
  auto near = config::nearest(word, candidates);
  if (!near) near = config::nearest("outrigger_" + word, candidates);
  return fail(
      "explain", kUnusable,
      config::inQuotes(word) + " is no code of `check`, no reason, no metric and no key of the file; try: " +
          (near ? std::string(*near) : "OR204, breaker-open, retry.limit, or a request, as GET http://payments/v1/x"),
      json);
}

int explainWord(const std::string& word, bool json) {
  if (const config::CodeRow* code = config::findCode(word)) return explainCode(*code, json);
  if (const auto reason = exchange::reasonOf(word)) {
    tell(reasonJson(*reason), json, reasonText);
  } else if (const telemetry::FamilyRow* metric = metricOf(word)) {
    tell(metricJson(*metric), json, metricText);
  } else if (const auto keys = reference::keysCalled(word); !keys.empty()) {
    tell(keysJson(keys), json, keysText);
  } else {
    return unknown(word, json);
  }
  return kOk;
}

std::optional<Direction> directionOf(const std::string& word) {
  if (word.empty()) return std::nullopt;
  return word == "inbound" ? Direction::Inbound : Direction::Outbound;
}

int explainRequest(const ExplainOptions& options) {
  const auto asked = explain::AskedRequest::read({.method = options.what[0],
                                                  .url = options.what[1],
                                                  .headers = options.headers,
                                                  .direction = directionOf(options.direction),
                                                  .identity = options.identity});
  if (!asked) return fail("explain", kUnusable, asked.error(), options.json);
  const auto file = checkConfig(options.config, options.defaults);
  if (!file) return fail("explain", kUnusable, file.error() + "; --config names another file", options.json);
  if (!file->usable()) {
    return fail("explain", kUnusable, "the file cannot be used:\n" + file->findings(), options.json);
  }
  tell(explain::explanation(*asked, file->loaded), options.json, requestText);
  return kOk;
}

}  // namespace

void addExplain(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand(
      "explain", "Say what becomes of a request, in the worst case too; or what a code, reason, metric or key means");
  auto options = std::make_shared<ExplainOptions>();
  verb->add_option("WHAT", options->what,
                   "METHOD URL of a request; or a word, such as OR204, breaker-open or retry.limit")
      ->required()
      ->expected(1, 2);
  verb->add_option("--config", options->config, "Of a request: the config file; - is the standard input")
      ->type_name("FILE")
      ->capture_default_str();
  verb->add_option("--defaults", options->defaults, "A file that it is laid over, map by map")->type_name("FILE");
  verb->add_option("--header", options->headers, "Of a request: 'name: value'; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("--direction", options->direction, "Of a request: a URL is a call of the app, a path one to the app")
      ->check(CLI::IsMember({"inbound", "outbound"}));
  verb->add_option("--as", options->identity, "Of a call to the app: who calls, a SPIFFE ID")->type_name("IDENTITY");
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer(
      "Example: outrigger explain GET http://payments/v1/x --config outrigger.yaml\n"
      "         outrigger explain OR204\n"
      "Nothing is sent, and no sidecar need run. Exit code: 0 it is explained, 2 the word, the request or the file\n"
      "cannot be used.");
  verb->callback([=, &action] {
    action = [options] {
      return options->what.size() == 2 ? explainRequest(*options) : explainWord(options->what[0], options->json);
    };
  });
}

}  // namespace outrigger::control::cli
