// What an upstream's policies mean for one request, in sentences: for `outrigger explain METHOD URL`. Pure.
#pragma once

#include <string>
#include <vector>

#include "control/explain/worst_case.h"

namespace outrigger::control::explain {

/// "12.5 %", with as many decimals as it needs, up to two.
std::string percentText(double percent);

/// "3 tries x 5s, capped at 15s; up to 3.0 x load, the budget holds it to 1.1 x under load"
std::string worstCaseText(const WorstCase& worst);

/// How long it may take, what is sent again and what not, and what bounds it.
std::vector<std::string> timeWords(const WorstCase& worst, const Circumstances& given, const http::RequestHead& head);
std::vector<std::string> replayWords(const WorstCase& worst, const Circumstances& given, const http::RequestHead& head);

/// When the upstream as a whole, or an endpoint of it, is left alone, and how much may be under way.
std::vector<std::string> guardWords(const policy::PolicySettings& settings, size_t endpoints);

}  // namespace outrigger::control::explain
