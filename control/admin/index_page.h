// The first page of the admin side: where to find what. Constant; any thread.
#pragma once

#include "control/page_server.h"

namespace outrigger::control::admin {

Page indexPage();

}  // namespace outrigger::control::admin
