// Which built-in values stand behind a map of the format, by the map's path: `upstreams.*`, `app.tls`. Pure.
#pragma once

#include <optional>
#include <string>

#include "config/node.h"

namespace outrigger::control::schema {

/// nullopt: those of the map stand where its path leads in the built-in file itself, if anywhere.
std::optional<config::Node> builtInAt(const std::string& path);

}  // namespace outrigger::control::schema
