// The word that was probably meant. Pure.
#pragma once

#include <optional>
#include <span>

#include "proxy/base/bytes.h"

namespace outrigger::config {

/// How many letters must be put in, left out, changed or swapped to make one of the other.
size_t editDistance(Bytes a, Bytes b);

/// The candidate that is nearest to the word, case and the signs `-`, `_` aside; nullopt if none is near.
std::optional<Bytes> nearest(Bytes word, std::span<const Bytes> candidates);

}  // namespace outrigger::config
