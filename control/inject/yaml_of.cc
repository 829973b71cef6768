#include "control/inject/yaml_of.h"

#include "config/write_yaml.h"

namespace outrigger::control::inject {
namespace {

using config::Node;

Node nodeOf(const nlohmann::ordered_json& json) {
  if (json.is_object()) {
    std::vector<Node::Entry> entries;
    for (const auto& [key, value] : json.items()) entries.push_back({key, {}, nodeOf(value)});
    return Node::map(std::move(entries), {});
  }
  if (json.is_array()) {
    std::vector<Node> items;
    for (const auto& item : json) items.push_back(nodeOf(item));
    return Node::list(std::move(items), {});
  }
  if (json.is_string()) return Node::scalar(json.get<std::string>(), true, {});
  return Node::scalar(json.dump(), false, {});
}

}  // namespace

std::string yamlOf(const nlohmann::ordered_json& json) {
  return config::writeYaml(nodeOf(json));
}

}  // namespace outrigger::control::inject
