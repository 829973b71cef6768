// What may stand behind a key, in words, and the built-in value as the file could have it. Pure.
#pragma once

#include <string>

#include "config/schema.h"

namespace outrigger::control::reference {

/// "time, 1ms to 24h, or `none`". `map` is what a map, or an item that is one, is called: a link to its keys.
std::string valueText(const config::Type& type, const std::string& map);

/// "`15s`"; "–" where there is none; empty for maps, whose keys tell their own.
std::string builtInText(const config::Node* value);

/// The map behind a type: itself, its item's, its names'; nullptr: there is none.
const config::Shape* shapeBehind(const config::Type& type);

}  // namespace outrigger::control::reference
