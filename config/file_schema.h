// The shape of the whole file. Constants.
#pragma once

#include "config/schema.h"

namespace outrigger::config {

extern const Type kFileType;
extern const Shape kFileShape;      ///< fills the sections of a Model that need no resolving
extern const Shape kAppShape;       ///< fills a WrittenApp
extern const Shape kUpstreamShape;  ///< fills a WrittenUpstream
extern const Shape kRouteShape;     ///< fills a WrittenRoute

}  // namespace outrigger::config
