#include "config/load.h"

#include "config/built_in.h"
#include "config/draft.h"
#include "config/file_schema.h"
#include "config/pairs.h"
#include "config/policy_schema.h"
#include "config/texts.h"
#include "config/yaml.h"

namespace outrigger::config {
namespace {

Node mapAt(const Node& node, Bytes key) {
  const Node* found = node.find(key);
  return found == nullptr || !found->isMap() ? Node::map({}, {}) : *found;
}

// A file of another version is not looked into: its other keys may mean something else.
bool isOtherVersion(const Node& file, Diagnostics& diagnostics) {
  const Node* version = file.find("version");
  if (version == nullptr || !version->isScalar() || version->is("1")) return false;
  check(Node::map({{"version", version->place(), *version}}, file.origin()), kFileType, "", diagnostics);
  return true;
}

void checkSections(Draft& draft) {
  checkPairs(draft.written, filePairs(), draft.diagnostics);
  draft.effective = settlePairs(draft.effective, draft.written, filePairs(), draft.diagnostics);
  fill(draft.model, draft.effective, kFileShape);
  for (std::string& header : draft.model.log.headers) header = lowered(header);
  const auto& buckets = draft.model.metrics.buckets;
  for (size_t i = 1; buckets && i < buckets->size(); ++i) {
    if ((*buckets)[i - 1] < (*buckets)[i]) continue;
    draft.diagnostics.report(Code::OutOfOrder, mapAt(draft.effective, "metrics").find("buckets")->items()[i].place(),
                             "a bucket must be larger than the one before");
    break;
  }
}

Node effectiveUpstreams(const Draft& draft, const Node& written) {
  std::vector<Node::Entry> upstreams;
  for (size_t i = 0; i < draft.upstreams.size(); ++i) {
    const Node::Entry& entry = written.entries()[i];
    upstreams.push_back({entry.key, entry.place, draft.upstreams[i]});
  }
  return Node::map(std::move(upstreams), written.origin());
}

// The file as it is in effect, its keys in the order of the format.
Node effectiveOf(const Draft& draft) {
  std::vector<Node::Entry> entries;
  for (const Field& field : kFileShape.fields) {
    const Node* found = draft.effective.find(field.key);
    if (field.key == "policies") {
      entries.push_back({std::string(field.key), {}, draft.policies.all()});
    } else if (found != nullptr) {
      const Node value = field.key == "app"         ? effectiveApp(*found)
                         : field.key == "access"    ? merge(builtInAccess(), *found)
                         : field.key == "tracing"   ? effectiveTracing(*found)
                         : field.key == "upstreams" ? effectiveUpstreams(draft, *found)
                                                    : *found;
      entries.push_back({std::string(field.key), value.place(), value});
    }
  }
  return Node::map(std::move(entries), draft.written.origin());
}

// The first file stands in `diagnostics` already.
std::optional<Node> mergeLayers(std::span<const Layer> layers, Diagnostics& diagnostics) {
  std::optional<Node> merged = readYaml(Source::File, diagnostics);
  for (const Layer& layer : layers.subspan(1)) {
    diagnostics.addFile(layer.fileName, layer.text);
    const auto over = readYaml(Source::File, diagnostics);
    merged = merged && over ? std::optional(merge(*merged, *over)) : std::nullopt;
  }
  return merged;
}

std::optional<Node> readFile(const Node& tree, const EnvironmentLookup& environment, Diagnostics& diagnostics) {
  const Node file = putInEnvironment(tree, environment, diagnostics);
  if (isOtherVersion(file, diagnostics)) return std::nullopt;
  const Node sound = check(file, kFileType, "", diagnostics);
  return sound.isMap() ? std::optional(sound) : std::nullopt;
}

}  // namespace

Draft::Draft(const Node& file, const Node& builtIn, std::span<const FilterSchema> schemas, Diagnostics& sink)
    : written(file),
      effective(merge(without(builtIn, "policies"), without(file, "policies"))),
      filters(schemas),
      diagnostics(sink),
      policies(mapAt(builtIn, "policies"), mapAt(file, "policies"), sink) {}

Node policyOf(const Node& map, Draft& draft) {
  const Node* reference = map.find("policy");
  const Node* policy = reference == nullptr ? nullptr : draft.policies.use(*reference);
  return policy == nullptr ? *draft.policies.find("default") : *policy;
}

LoadResult load(Bytes text, std::string fileName, const EnvironmentLookup& environment,
                std::span<const FilterSchema> filters) {
  const Layer only[] = {{text, std::move(fileName)}};
  return load(only, environment, filters);
}

LoadResult load(std::span<const Layer> layers, const EnvironmentLookup& environment,
                std::span<const FilterSchema> filters) {
  Diagnostics diagnostics(layers.front().fileName, layers.front().text);
  const auto tree = mergeLayers(layers, diagnostics);
  LoadResult result = tree ? loadTree(*tree, environment, filters, diagnostics) : LoadResult();
  for (const Layer& layer : layers) result.files.push_back(layer.fileName);
  result.diagnostics = diagnostics.take();
  return result;
}

LoadResult loadTree(const Node& tree, const EnvironmentLookup& environment, std::span<const FilterSchema> filters,
                    Diagnostics& diagnostics) {
  LoadResult result;
  if (const auto file = readFile(tree, environment, diagnostics)) {
    Draft draft(*file, builtInFile(), filters, diagnostics);
    checkSections(draft);
    fill(draft.model.defaultPolicy, *draft.policies.find("default"), kPolicyShape);
    readTracing(draft);
    readApp(draft);
    readAccess(draft);
    readUpstreams(draft);
    readRoutes(draft);
    addImplicitRoutes(draft);
    checkListeners(draft);
    draft.policies.reportUnused();
    if (!diagnostics.hasErrors()) checkShadowedRoutes(draft);  // a match that was cut short shadows too much
    if (!diagnostics.hasErrors()) {
      result.effective = effectiveOf(draft);
      result.model = std::make_shared<const Model>(std::move(draft.model));
    }
  }
  return result;
}

std::optional<Node> readLayers(std::span<const Layer> layers) {
  Diagnostics diagnostics(layers.front().fileName, layers.front().text);
  return mergeLayers(layers, diagnostics);
}

std::string placeText(const LoadResult& loaded, Place place) {
  return loaded.files[place.file] + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace outrigger::config
