#include "control/inject/manifests.h"

#include "config/manifest.h"
#include "control/inject/names.h"
#include "control/inject/yaml_of.h"

namespace outrigger::control::inject {
namespace {

using Pointer = Json::json_pointer;

// Where the pod template of each kind of workload stands.
constexpr std::pair<const char*, const char*> kTemplates[] = {
    {"Pod", ""},
    {"Deployment", "/spec/template"},
    {"StatefulSet", "/spec/template"},
    {"DaemonSet", "/spec/template"},
    {"ReplicaSet", "/spec/template"},
    {"ReplicationController", "/spec/template"},
    {"Job", "/spec/template"},
    {"CronJob", "/spec/jobTemplate/spec/template"},
};

std::string textAt(const Json& object, const char* pointer) {
  const Pointer where(pointer);
  return object.is_object() && object.contains(where) && object.at(where).is_string()
             ? object.at(where).get<std::string>()
             : std::string();
}

std::string kindOf(const Json& object) {
  return textAt(object, "/kind");
}

bool isList(const Json& object) {
  return object.is_object() && kindOf(object).ends_with("List") && object.contains("items") &&
         object.at("items").is_array();
}

std::string nameOf(const Json& object) {
  const std::string nameSpace = textAt(object, "/metadata/namespace");
  std::string name = textAt(object, "/metadata/name");
  if (name.empty()) name = textAt(object, "/metadata/generateName") + "*";
  return kindOf(object) + " " + (nameSpace.empty() ? "" : nameSpace + "/") + name;
}

/// What the file says of namespaces.
class Surroundings {
 public:
  void learn(const Json& object) {
    if (isList(object)) {
      for (const Json& item : object.at("items")) learn(item);
    } else if (kindOf(object) == "Namespace") {
      Labels& labels = labels_[textAt(object, "/metadata/name")];
      const Pointer where("/metadata/labels");
      if (!object.contains(where)) return;
      for (const auto& [key, value] : object.at(where).items()) {
        if (value.is_string()) labels[key] = value.get<std::string>();
      }
    } else if (kindOf(object) == "ConfigMap" && textAt(object, "/metadata/name") == kConfigMap) {
      const std::string text = textAt(object, (std::string("/data/") + kConfigKey).c_str());
      if (!text.empty()) configs_[textAt(object, "/metadata/namespace")] = text;
    }
  }

  Request requestFor(const Json& pod, const std::string& nameSpace) const {
    const auto labels = labels_.find(nameSpace);
    const auto config = configs_.find(nameSpace);
    return {pod, nameSpace, labels == labels_.end() ? nullptr : &labels->second,
            config == configs_.end() ? nullptr : &config->second};
  }

 private:
  std::map<std::string, Labels> labels_;
  std::map<std::string, std::string> configs_;
};

class Injector {
 public:
  Injector(const Settings& settings, const Surroundings& surroundings, std::vector<Report>& reports)
      : settings_(settings), surroundings_(surroundings), reports_(reports) {}

  /// True if the object has changed.
  bool visit(Json& object) {
    if (isList(object)) {
      bool changed = false;
      for (Json& item : object.at("items")) changed = visit(item) || changed;
      return changed;
    }
    for (const auto& [kind, pointer] : kTemplates) {
      if (kindOf(object) == kind) return workload(object, Pointer(pointer));
    }
    return false;
  }

 private:
  bool workload(Json& object, const Pointer& where) {
    Report report{nameOf(object), "", false};
    if (!object.contains(where)) {
      report = {report.object, "not injected: it has no pod template", true};
    } else {
      Json& pod = object.at(where);
      auto injection = inject(surroundings_.requestFor(pod, textAt(object, "/metadata/namespace")), settings_);
      if (injection) {
        pod = std::move(injection->pod);
        report.text = "injected: " + injection->summary;
        for (const std::string& warning : injection->warnings) report.text += "; " + warning;
        reports_.push_back(std::move(report));
        return true;
      }
      const bool forbids = injection.error().kind == Refusal::Kind::Forbids;
      report.text = std::string("not injected: ") + (forbids ? "its config is refused:\n" : "") + injection.error().why;
      report.asked = injection.error().kind != Refusal::Kind::Quiet;
    }
    reports_.push_back(std::move(report));
    return false;
  }

  const Settings& settings_;
  const Surroundings& surroundings_;
  std::vector<Report>& reports_;
};

std::string renderAll(const std::vector<config::Diagnostic>& diagnostics) {
  std::string text;
  for (const config::Diagnostic& diagnostic : diagnostics) text += config::render(diagnostic);
  return text;
}

std::string documentText(const config::ManifestDocument& document, const Json& json, bool changed, Format format) {
  if (format == Format::Json) return json.is_null() ? std::string() : json.dump(2) + "\n";
  if (!changed) return std::string(document.text);
  return (document.text.starts_with("---") ? "---\n" : "") + yamlOf(json);
}

}  // namespace

std::expected<Injected, std::string> injectManifests(Bytes text, const std::string& fileName, const Settings& settings,
                                                     Format format) {
  const auto documents = config::readManifest(text, fileName);
  if (!documents) return std::unexpected(renderAll(documents.error()));
  std::vector<Json> objects;
  Surroundings surroundings;
  for (const config::ManifestDocument& document : *documents) {
    objects.push_back(Json::parse(document.json, nullptr, false));
    if (objects.back().is_discarded()) return std::unexpected(fileName + ": a number in it is too large\n");
    surroundings.learn(objects.back());
  }
  Injected result;
  Injector injector(settings, surroundings, result.reports);
  for (size_t i = 0; i < objects.size(); ++i) {
    const bool changed = injector.visit(objects[i]);
    result.text += documentText((*documents)[i], objects[i], changed, format);
  }
  return result;
}

}  // namespace outrigger::control::inject
