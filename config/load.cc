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
                         : field.key == "upstreams" ? effectiveUpstreams(draft, *found)
                                                    : *found;
      entries.push_back({std::string(field.key), value.place(), value});
    }
  }
  return Node::map(std::move(entries), draft.written.origin());
}

std::optional<Node> readFile(const EnvironmentLookup& environment, Diagnostics& diagnostics) {
  const auto yaml = readYaml(Source::File, diagnostics);
  if (!yaml) return std::nullopt;
  const Node file = putInEnvironment(*yaml, environment, diagnostics);
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
  Diagnostics diagnostics(std::move(fileName), text);
  LoadResult result;
  if (const auto file = readFile(environment, diagnostics)) {
    Draft draft(*file, builtInFile(), filters, diagnostics);
    checkSections(draft);
    fill(draft.model.defaultPolicy, *draft.policies.find("default"), kPolicyShape);
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
  result.diagnostics = diagnostics.take();
  return result;
}

}  // namespace outrigger::config
