// What a caller would rather have: Accept and Accept-Encoding (RFC 9110 §12.5). Pure.
#pragma once

#include <optional>

#include "proxy/base/bytes.h"

namespace outrigger::control {

/// A media type that is offered. `version` is its parameter of that name, and may be empty.
struct MediaType {
  Bytes type;
  Bytes subtype;
  Bytes version{};
};

/// How much `accept` likes `offer`, from 0 (not at all) to 1000: the quality of the closest range that covers it. A
/// range with another version does not cover it; other parameters are not looked at. Nothing covers it: nullopt.
/// `byName`: only ranges that name the type itself count, not those with a `*`.
std::optional<int> qualityOf(const MediaType& offer, Bytes accept, bool byName = false);

/// Whether the answer may be gzipped: the coding, or `*`, is named with a quality above 0.
bool takesGzip(Bytes acceptEncoding);

}  // namespace outrigger::control
