// What a bundle leaves out, beyond what the pages leave out themselves: it is sent to people who run none of this.
// Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::bundle {

using Json = nlohmann::ordered_json;

/// Diagnostics of a config: places, codes and sentences stay; the source lines, the proposals, and whatever stands in
/// quotes go.
std::string withoutQuotes(Bytes diagnostics);

/// A page of the admin listener. Of the config's values, those of headers and bodies become "(hidden)", unless they are
/// no more than `${NAME}`; errors become withoutQuotes().
Json withoutSecrets(Json page);

/// What that is, for the manifest: one sentence a line.
std::string redactionText();

}  // namespace outrigger::control::bundle
