#include "control/accept.h"

#include <algorithm>

namespace outrigger::control {
namespace {

constexpr int kBest = 1000;

Bytes trimmed(Bytes text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes what stands before the next `separator` off `rest`.
Bytes taken(Bytes& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const Bytes part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

/// 0 to 1000; what is no weight counts as 0, so that nothing is sent that may not be wanted.
int weightOf(Bytes text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int weight = (text[0] - '0') * kBest;
  int worth = kBest / 10;
  for (const char digit : text.substr(std::min<size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return 0;
    weight += (digit - '0') * worth;
    worth /= 10;
  }
  return std::min(weight, kBest);
}

struct Parameters {
  int weight = kBest;
  Bytes version;
};

Parameters parametersOf(Bytes rest) {
  Parameters found;
  while (!rest.empty()) {
    Bytes value = taken(rest, ';');
    const Bytes name = taken(value, '=');
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (equalsIgnoreCase(name, "q")) found.weight = weightOf(value);
    if (equalsIgnoreCase(name, "version")) found.version = value;
  }
  return found;
}

/// How closely a range names a type: 0 not at all, 1 by `*/*`, 2 by `type/*`, 3 by name, 4 with its version.
int closeness(Bytes range, const Parameters& parameters, const MediaType& offer) {
  Bytes subtype = range;
  const Bytes type = taken(subtype, '/');
  if (type == "*" && subtype == "*") return 1;
  if (!equalsIgnoreCase(type, offer.type)) return 0;
  if (subtype == "*") return 2;
  if (!equalsIgnoreCase(subtype, offer.subtype)) return 0;
  if (parameters.version.empty()) return 3;
  return parameters.version == offer.version ? 4 : 0;
}

}  // namespace

std::optional<int> qualityOf(const MediaType& offer, Bytes accept, bool byName) {
  int closest = byName ? 2 : 0;
  std::optional<int> quality;
  while (!accept.empty()) {
    Bytes rest = taken(accept, ',');
    const Bytes range = taken(rest, ';');
    const Parameters parameters = parametersOf(rest);
    const int close = closeness(range, parameters, offer);
    if (close <= closest) continue;
    closest = close;
    quality = parameters.weight;
  }
  return quality;
}

bool takesGzip(Bytes acceptEncoding) {
  std::optional<int> named;
  std::optional<int> any;
  while (!acceptEncoding.empty()) {
    Bytes rest = taken(acceptEncoding, ',');
    const Bytes coding = taken(rest, ';');
    const int weight = parametersOf(rest).weight;
    if (equalsIgnoreCase(coding, "gzip") || equalsIgnoreCase(coding, "x-gzip")) named = weight;
    if (coding == "*") any = weight;
  }
  return named.value_or(any.value_or(0)) > 0;
}

}  // namespace outrigger::control
