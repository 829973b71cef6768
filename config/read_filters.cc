// The filters of a route against the schemas that they bring.
#include <algorithm>

#include "config/draft.h"
#include "config/nearest.h"

namespace outrigger::config {
namespace {

const FilterSchema* findSchema(Bytes name, Place place, const Draft& draft) {
  const auto found = std::ranges::find(draft.filters, name, &FilterSchema::name);
  if (found != draft.filters.end()) return &*found;
  std::vector<Bytes> known;
  for (const FilterSchema& schema : draft.filters) known.push_back(schema.name);
  const auto near = nearest(name, known);
  draft.diagnostics.report(Code::UnknownFilter, place, "there is no filter " + inQuotes(name),
                           near ? std::string(*near) : std::string());
  return nullptr;
}

}  // namespace

std::vector<FilterModel> readFilters(const std::vector<Node>& written, Draft& draft) {
  std::vector<FilterModel> filters;
  for (const Node& node : written) {
    if (node.isInvalid()) continue;
    if (node.entries().size() != 1) {
      draft.diagnostics.report(Code::WrongKind, node.place(),
                               "an item of `filters` is the name of one filter with its settings",
                               node.isScalar() ? "{" + std::string(node.written().substr(0, 60)) + ": {...}}"
                                               : "an item of its own for each filter");
      continue;
    }
    const Node::Entry& entry = node.entries().front();
    const FilterSchema* schema = findSchema(entry.key, entry.place, draft);
    if (schema == nullptr) continue;
    const Node settings = check(entry.value, schema->type, entry.key, draft.diagnostics);
    if (settings.isInvalid()) continue;
    if (schema->alsoCheck != nullptr) schema->alsoCheck(settings, draft.diagnostics);
    filters.push_back({entry.key, settings, entry.place});
  }
  return filters;
}

}  // namespace outrigger::config
