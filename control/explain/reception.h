// What is decided of a request before any route is asked: by its size, because it is a health probe, by `access`, or
// because it arrives at a port that belongs to one upstream. In the order of the data plane. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/model.h"
#include "control/explain/asked_request.h"

namespace outrigger::control::explain {

struct Reception {
  std::optional<std::string> outcome;  ///< a sentence: no route is asked
  std::optional<size_t> route;         ///< of the upstream whose own port it is: its number in Model::routes
  std::vector<std::string> notes;      ///< what it has passed
};

Reception receive(const config::Model& model, const AskedRequest& asked);

}  // namespace outrigger::control::explain
