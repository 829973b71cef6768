#include "control/cli/tap_text.h"

#include "control/cli/spoken.h"

namespace outrigger::control::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string textIn(const Json& record, const char* key) {
  const auto value = record.find(key);
  return value != record.end() && value->is_string() ? value->get<std::string>() : std::string();
}

double numberIn(const Json& record, const char* key) {
  const auto value = record.find(key);
  return value != record.end() && value->is_number() ? value->get<double>() : 0;
}

// "12:00:01.250" of "2026-01-31T12:00:01.250Z": who watches knows the day.
std::string clockOf(const std::string& time) {
  const size_t from = time.find('T');
  if (from == std::string::npos) return time;
  const std::string clock = time.substr(from + 1);
  return clock.ends_with('Z') ? clock.substr(0, clock.size() - 1) : clock;
}

}  // namespace

std::string tapText(const Json& record) {
  const std::string method = textIn(record, "method");
  std::string text = clockOf(textIn(record, "time")) + "  ";
  text += method.empty() ? textIn(record, "protocol") : method + " " + textIn(record, "host") + textIn(record, "path");
  text += " -> ";
  if (const double status = numberIn(record, "status"); status > 0) {
    text += std::to_string(static_cast<int>(status)) + " ";
  }
  if (const std::string grpc = textIn(record, "grpc_status"); !grpc.empty()) text += grpc + " ";
  text += textIn(record, "reason");
  const auto attempts = static_cast<uint64_t>(numberIn(record, "attempts"));
  if (attempts != 1) text += ", " + counted(attempts, "attempt");
  text += ", " + latencyText(numberIn(record, "duration_ms"));
  for (const char* key : {"upstream", "endpoint", "id"}) {
    if (const std::string value = textIn(record, key); !value.empty())
      text += (key == Bytes("endpoint") ? " " : "  ") + value;
  }
  return harmless(text);
}

}  // namespace outrigger::control::cli
