// Why a pod gets no sidecar. Pure.
#pragma once

#include <optional>
#include <string>

#include "control/inject/pod.h"
#include "control/inject/settings.h"
#include "control/inject/wishes.h"

namespace outrigger::control::inject {

struct Refusal {
  enum class Kind : uint8_t {
    Quiet,    ///< nobody asked for one, or it is there: nothing to talk about
    Told,     ///< it was asked for and cannot be: whoever asked is told
    Forbids,  ///< such a pod must not be: its sidecar would not start
  };
  Kind kind = Kind::Told;
  std::string why;  ///< a sentence without a full stop; of a bad config, its diagnostics
};

/// Labels of a namespace.
using Labels = std::map<std::string, std::string, std::less<>>;

/// A pod that is looked at for a sidecar.
struct Candidate {
  const Pod& pod;
  const Wishes& wishes;
  const Settings& settings;
  const std::string& nameSpace;   ///< empty: unknown
  const Labels* namespaceLabels;  ///< nullptr: unknown; then somebody else has judged them
};

/// Everything but its config; nullopt: it may have one.
std::optional<Refusal> refusalOf(const Candidate& candidate);

/// Whether our mark and our container are there.
bool isInjected(const Pod& pod);

}  // namespace outrigger::control::inject
