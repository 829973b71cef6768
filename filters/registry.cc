#include "filters/registry.h"

#include <algorithm>

#include "filters/fault/fault.h"
#include "filters/headers/headers.h"
#include "filters/local_rate_limit/local_rate_limit.h"

namespace outrigger::filters {
namespace {

constexpr Registration kAll[] = {
    {headers::kSchema, headers::make},
    {local_rate_limit::kSchema, local_rate_limit::make},
    {fault::kSchema, fault::make},
};

}  // namespace

std::span<const Registration> all() {
  return kAll;
}

std::vector<config::FilterSchema> schemas() {
  std::vector<config::FilterSchema> schemas;
  for (const Registration& filter : kAll) schemas.push_back(filter.schema);
  return schemas;
}

std::shared_ptr<const exchange::Filter> make(Bytes name, const config::Node& settings) {
  const auto found = std::ranges::find(kAll, name, [](const Registration& filter) { return filter.schema.name; });
  return found == std::end(kAll) ? nullptr : found->make(settings);
}

}  // namespace outrigger::filters
