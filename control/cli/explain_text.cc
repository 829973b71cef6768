#include "control/cli/explain_text.h"

#include "control/cli/spoken.h"
#include "control/cli/text_table.h"
#include "control/explain/policy_words.h"
#include "control/names.h"

namespace outrigger::control::cli {
namespace {

constexpr size_t kMostPassedOver = 12;

std::string textOf(const Json& json, const char* key) {
  return json.at(key).get<std::string>();
}

std::string placeOf(const Json& json) {
  const std::string place = textOf(json, "place");
  return place.empty() ? "" : " (" + place + ")";
}

// A line of the upper part: what it is about, and what is said.
std::string line(const std::string& about, const std::string& said) {
  return about + std::string(about.size() < 9 ? 9 - about.size() : 1, ' ') + said + "\n";
}

std::string routeText(const Json& route) {
  std::string name = textOf(route, "name");
  if (route.at("implicit").get<bool>()) name = "none of the file; that of `" + name + "` itself";
  return line("route", name + placeOf(route) + ": " + textOf(route, "takes"));
}

std::string passedOverText(const Json& list) {
  std::string text;
  for (size_t i = 0; i < list.size() && i < kMostPassedOver; ++i) {
    text += line(i == 0 ? "not" : "",
                 textOf(list[i], "route") + placeOf(list[i]) + ": it wants " + textOf(list[i], "wants"));
  }
  if (list.size() <= kMostPassedOver) return text;
  return text + line("", "and " + std::to_string(list.size() - kMostPassedOver) + " more, which --json lists");
}

std::string valuesText(const Json& values) {
  TextTable table({{"value"}, {""}, {"origin"}});
  for (const Json& value : values) {
    const bool overridden = value.at("override").get<bool>();
    table.add({textOf(value, "path"), textOf(value, "value"),
               textOf(value, "origin") + (overridden ? ", overridden by the route" : "")});
  }
  return table.text("  ");
}

std::string targetText(const Json& target, bool alone) {
  std::string text = "\n" + textOf(target, "upstream") + placeOf(target) + ": " + textOf(target, "endpoints") +
                     ", policy `" + textOf(target, "policy") + "`";
  const double share = target.at("share_percent").get<double>();
  if (!alone) text += ", " + explain::percentText(share) + " of the requests";
  text += "\n  worst case: " + textOf(target.at("worst_case"), "text") + "\n";
  for (const Json& sentence : target.at("words")) text += "  - " + sentence.get<std::string>() + "\n";
  return text + "\n" + valuesText(target.at("values"));
}

}  // namespace

std::string requestText(const Json& explanation) {
  std::string text = textOf(explanation, "method") + " " + textOf(explanation, "url") + " (" +
                     textOf(explanation, "direction") + "): " + textOf(explanation, "outcome") + "\n\n";
  if (!explanation.at("route").is_null()) text += routeText(explanation.at("route"));
  text += passedOverText(explanation.at("passed_over"));
  for (const Json& step : explanation.at("on_the_way")) text += line("then", step.get<std::string>());
  const Json& targets = explanation.at("targets");
  for (const Json& target : targets) text += targetText(target, targets.size() == 1);
  while (text.ends_with("\n\n")) text.pop_back();
  return harmless(text, true);
}

std::string reasonText(const Json& reason) {
  const bool isError = reason.at("error").get<bool>();
  std::string text = textOf(reason, "reason") + ", a reason why a request ended" + (isError ? ", an error" : "") +
                     ": " + textOf(reason, "sentence") + ".\n";
  const Json& status = reason.at("status");
  text += status.is_null() ? std::string("status   as the upstream or the config says\n")
                           : line("status", std::to_string(status.get<int>()));
  text += line("look at", textOf(reason, "look_at"));
  for (const Json& page : reason.at("pages")) text += line("read", page.get<std::string>());
  return text;
}

std::string metricText(const Json& metric) {
  std::string text = textOf(metric, "metric") + ", a " + textOf(metric, "kind") + ": " + textOf(metric, "help") + "\n";
  if (metric.at("labels").empty()) return text;
  TextTable table({{"label"}, {"what stands there"}});
  for (const Json& label : metric.at("labels")) table.add({textOf(label, "name"), textOf(label, "what")});
  return text + table.text();
}

std::string keysText(const Json& keys) {
  std::string text;
  for (const Json& key : keys.at("keys")) {
    text +=
        (text.empty() ? "" : "\n") + textOf(key, "path") + ", a key of the config file: " + textOf(key, "means") + "\n";
    text += line("value", textOf(key, "value"));
    if (!key.at("built_in").is_null()) text += line("built-in", textOf(key, "built_in"));
    const std::string below = joined(key.at("below").get<std::vector<std::string>>(), ", ");
    if (!below.empty()) text += line("in it", below);
  }
  return text + line("read", "config/REFERENCE.md");
}

}  // namespace outrigger::control::cli
