// The table of the loader: a file, and everything that is said of it, as brief() writes it (stub_filters.h). A row
// without an error gives a model.
#pragma once

#include <span>

#include "proxy/base/bytes.h"

namespace outrigger::config {

struct Row {
  const char* name;
  Bytes yaml;
  Bytes expected;
};

std::span<const Row> syntaxRows();
std::span<const Row> keysRows();
std::span<const Row> valuesRows();
std::span<const Row> routesRows();
std::span<const Row> referencesRows();
std::span<const Row> risksRows();
std::span<const Row> resilienceRows();
std::span<const Row> upstreamsRows();
std::span<const Row> protocolsRows();
std::span<const Row> securityRows();
std::span<const Row> originRows();
std::span<const Row> tracingRows();
std::span<const Row> laterRows();

}  // namespace outrigger::config
