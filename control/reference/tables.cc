#include "config/code_example.h"
#include "control/reference/advice.h"
#include "control/reference/markdown.h"
#include "control/reference/reference.h"
#include "control/reference/value_text.h"
#include "control/telemetry/families.h"
#include "proxy/exchange/reply_table.h"

namespace outrigger::control::reference {
namespace {

std::string labelsOf(const telemetry::FamilyRow& row) {
  std::string out;
  for (const telemetry::LabelRow& label : row.labels) {
    out += (out.empty() ? "" : "; ") + code(label.name) + ": ";
    out += label.words.empty() ? std::string(label.what) : codes(label.words);
  }
  return out;
}

std::string advices() {
  Table table({"reason", "look at"});
  for (size_t i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    const Advice& advice = adviceOn(reason);
    std::string cell(advice.lookAt);
    for (const Bytes page : advice.pages)
      cell += "; [" + std::string(page) + "](../config/policies/" + std::string(page) + ".md)";
    table.row({code(exchange::replyRow(reason).word), cell});
  }
  return table.text();
}

const char* grade(uint16_t code) {
  if (code < 200) return "OR1xx: syntax and types (errors)";
  return code < 300 ? "OR2xx: references (errors)" : "OR3xx: risks (warnings)";
}

std::string yamlBlock(const std::string& mark, Bytes text) {
  return "```yaml" + mark + "\n" + std::string(text) + "```\n";
}

// Wrong and right, one below the other; marked so that a test of the pages can hold them against the program.
std::string exampleText(config::Code value) {
  const config::CodeExample& example = *config::exampleOf(value);
  const bool isError = config::severityOf(value) == config::Severity::Error;
  const bool whole = example.standIn.empty() && value != config::Code::EmptyFile;
  const std::string mark = (isError ? " wrong " : " warns ") + config::codeText(value);
  std::string out = "\n" + code(config::codeText(value)) + ":\n\n" + yamlBlock(whole ? mark : " other", example.wrong);
  if (!example.standInMeans.empty()) out += "\n" + std::string(example.standInMeans) + "\n";
  return out + "\nand right:\n\n" + yamlBlock("", example.right);
}

std::string codesOfGrade(const std::string& wanted) {
  std::string table;
  std::string examples;
  for (const config::CodeRow& row : config::allCodes()) {
    if (grade(static_cast<uint16_t>(row.code)) != wanted) continue;
    table += "| " + code(codeText(row.code)) + " | " + std::string(row.explanation) + " |\n";
    examples += exampleText(row.code);
  }
  return "## " + wanted + "\n\n" + Table({"code", "what it means"}).text() + table + examples;
}

}  // namespace

std::string configCodes() {
  std::string out;
  for (const char* heading : {grade(100), grade(200), grade(300)})
    out += (out.empty() ? "" : "\n") + codesOfGrade(heading);
  return out;
}

std::string reasons() {
  Table table({"reason", "status", "sentence", "an error"});
  for (size_t i = 0; i < kReasonCount; ++i) {
    const exchange::ReplyRow& row = exchange::replyRow(static_cast<Reason>(i));
    table.row({code(row.word), row.status == 0 ? "its own" : std::to_string(row.status), std::string(row.sentence),
               row.isError ? "yes" : "no"});
  }
  return table.text() + "\n## What to look at\n\n" + advices();
}

std::string metrics() {
  Table table({"name", "kind", "labels", "what it counts"});
  for (const telemetry::FamilyRow& row : telemetry::kFamilies) {
    table.row({code(row.name), telemetry::kindWord(row.type), labelsOf(row), row.help});
  }
  return table.text();
}

std::string filterTables(std::span<const config::FilterSchema> filters) {
  std::string out;
  for (const config::FilterSchema& filter : filters) {
    out += keysOf(*filter.type.shape, std::string(filter.name), std::string(filter.doc) + "\n\n");
  }
  return out.substr(out.find('#'));
}

}  // namespace outrigger::control::reference
