// The shape of the whole file. Constants.
#pragma once

#include "config/schema.h"

namespace outrigger::config {

extern const Type kFileType;
extern const Shape kFileShape;         ///< fills the sections of a Model that need no resolving
extern const Shape kAppShape;          ///< fills a WrittenApp
extern const Shape kUpstreamShape;     ///< fills a WrittenUpstream
extern const Shape kRouteShape;        ///< fills a WrittenRoute
extern const Shape kIdentityShape;     ///< fills an IdentityModel
extern const Shape kAccessShape;       ///< fills a WrittenAccess
extern const Shape kTracingShape;      ///< fills a WrittenTracing
extern const Shape kAppTlsShape;       ///< fills a WrittenAppTls
extern const Shape kUpstreamTlsShape;  ///< fills an UpstreamTlsModel

}  // namespace outrigger::config
