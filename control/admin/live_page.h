// The live page: one document that loads nothing. Its style and its script are allowed by their hashes and nothing else
// is; what the script draws from /api/events stands in it as tables as well, for who has no script. The control thread
// only.
#pragma once

#include "control/admin/pages_json.h"
#include "control/page_server.h"

namespace outrigger::control::admin {

class LivePage {
 public:
  LivePage();

  /// `state` as /api/live gives it.
  Page make(const Json& state) const;

 private:
  std::string before_;  // the document up to the tables
  std::string after_;
  std::string security_;
};

}  // namespace outrigger::control::admin
