#include "control/cli/sarif.h"

#include <algorithm>

#include "config/code.h"
#include "control/percent.h"

namespace outrigger::control::cli {
namespace {

using config::Diagnostic;
using Json = nlohmann::ordered_json;

constexpr const char* kUnusable = "OR-unusable";  // what compiling finds out, which has no code

const char* levelOf(config::Severity severity) {
  return severity == config::Severity::Error ? "error" : "warning";
}

Json rule(const std::string& id, const std::string& text, const std::string& help, const char* level) {
  return {{"id", id},
          {"shortDescription", {{"text", text}}},
          {"help", {{"text", help}}},
          {"defaultConfiguration", {{"level", level}}}};
}

Json rules() {
  Json all = Json::array();
  for (const config::CodeRow& row : config::allCodes()) {
    const std::string id = config::codeText(row.code);
    const std::string sentence(row.explanation);
    all.push_back(rule(id, sentence, sentence, levelOf(config::severityOf(row.code))));
  }
  const std::string sentence = "Something that the file names cannot be used: a regular expression or a certificate.";
  all.push_back(rule(kUnusable, sentence, sentence, "error"));
  return all;
}

// A path as the reference of a URI.
std::string uriOf(const std::string& path) {
  return (path.starts_with('/') ? "file://" : "") + percentEncoded(path, "/");
}

// Our columns count octets, those of the report characters.
uint32_t charactersBefore(Bytes line, uint32_t column) {
  uint32_t count = 1;
  for (const char c : line.substr(0, std::min<size_t>(column == 0 ? 0 : column - 1, line.size()))) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++count;
  }
  return count;
}

Json location(const std::string& file, config::Place place, const std::string& line) {
  Json physical{{"artifactLocation", {{"uri", uriOf(file)}}}};
  if (place.line != 0) {
    physical["region"] = {
        {"startLine", place.line},
        {"startColumn", line.empty() ? std::max(place.column, 1U) : charactersBefore(line, place.column)}};
  }
  return Json::array({{{"physicalLocation", physical}}});
}

Json result(const std::string& rule, size_t index, const char* level, const std::string& text, Json where) {
  return {{"ruleId", rule},
          {"ruleIndex", index},
          {"level", level},
          {"message", {{"text", text}}},
          {"locations", std::move(where)}};
}

Json result(const Diagnostic& d) {
  const auto codes = config::allCodes();
  const auto row = std::ranges::find(codes, d.code, &config::CodeRow::code);
  const std::string text = d.tryText.empty() ? d.message : d.message + "; try: " + d.tryText;
  return result(config::codeText(d.code), static_cast<size_t>(row - codes.begin()), levelOf(d.severity()), text,
                location(d.file, d.place, d.sourceLine));
}

}  // namespace

Json sarif(std::span<const CheckedFile> files, std::span<const UnreadFile> unread) {
  Json results = Json::array();
  for (const CheckedFile& file : files) {
    for (const Diagnostic& d : file.loaded.diagnostics) results.push_back(result(d));
    if (!file.compileError) continue;
    const CompileError& error = *file.compileError;
    results.push_back(
        result(kUnusable, config::allCodes().size(), "error", error.why, location(error.file, error.place, "")));
  }
  const Json driver{{"name", "outrigger"}, {"version", OUTRIGGER_VERSION}, {"rules", rules()}};
  Json invocation{{"executionSuccessful", unread.empty()}};
  for (const UnreadFile& file : unread) {
    invocation["toolExecutionNotifications"].push_back({{"level", "error"}, {"message", {{"text", file.why}}}});
  }
  const Json run{{"tool", {{"driver", driver}}},
                 {"columnKind", "unicodeCodePoints"},
                 {"invocations", Json::array({invocation})},
                 {"results", results}};
  return {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
}

}  // namespace outrigger::control::cli
