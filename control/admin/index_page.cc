#include "control/admin/index_page.h"

namespace outrigger::control::admin {
namespace {

constexpr const char* kHtml = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Outrigger</title>
</head>
<body>
<main>
<h1>Outrigger )" OUTRIGGER_VERSION R"(</h1>
<h2>What goes on</h2>
<ul>
<li><a href="/api/status">/api/status</a>: listeners, workers, config, drain</li>
<li><a href="/api/upstreams">/api/upstreams</a>: breakers, retry budgets, endpoints</li>
<li><a href="/api/decisions">/api/decisions</a>: the last 200 decisions, newest first</li>
<li><a href="/api/config">/api/config</a>: each value in effect, with its origin</li>
</ul>
<h2>For monitoring</h2>
<ul>
<li><a href="/metrics">/metrics</a>: Prometheus</li>
<li><a href="/ready">/ready</a>: whether it should get traffic</li>
<li><a href="/live">/live</a>: whether its workers come round</li>
</ul>
<h2>Actions</h2>
<p>With <code>admin: {actions: true}</code> in the config file, and the header <code>outrigger-admin: 1</code>:</p>
<ul>
<li><code>POST /api/reload</code>: look at the config file now</li>
<li><code>POST /api/drain</code>: take no new work, end nothing</li>
<li><code>POST /api/log-level</code> with <code>{"level": "debug"}</code></li>
</ul>
</main>
</body>
</html>
)";

}  // namespace

Page indexPage() {
  return {.status = 200, .contentType = "text/html; charset=utf-8", .body = kHtml};
}

}  // namespace outrigger::control::admin
