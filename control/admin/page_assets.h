// The sources of the live page, as the build has embedded them (control/admin/page). Constant; any thread.
#pragma once

#include "proxy/base/bytes.h"

namespace outrigger::control::admin {

Bytes liveHtml();
Bytes liveCss();
Bytes liveJs();

}  // namespace outrigger::control::admin
