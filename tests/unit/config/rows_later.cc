// What belongs to the format and not to this version.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"Zone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [{address: \"10.0.0.1:80\", zone: a}]}}\n",
     "2:54 OR140 `zone` is not in this version: zones are not looked at"},
};

}  // namespace

std::span<const Row> laterRows() {
  return kRows;
}

}  // namespace outrigger::config
