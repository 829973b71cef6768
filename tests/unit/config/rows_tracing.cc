// Where spans go, and which of the ordinary requests are logged.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"Tracing",
     "version: 1\n"
     "tracing: {collector: \"http://collector.observe:4318\"}\n",
     ""},
    {"TracingInFull",
     "version: 1\n"
     "tracing: {collector: \"https://[::1]:4318/otlp/v1/traces\", trust: /c/ca.crt, service: cart, sample: parent}\n",
     ""},
    {"TracingNone",
     "version: 1\n"
     "tracing: none\n",
     ""},
    {"TracingEmpty",
     "version: 1\n"
     "tracing: {}\n",
     "2:10 OR121 the map `tracing` needs the key `collector` [try: collector: "
     "http://collector.observe.svc.cluster.local:4318]"},
    {"TracingAsAnAddress",
     "version: 1\n"
     "tracing: {collector: \"10.0.0.1:4318\"}\n",
     "2:22 OR130 `collector` needs the URL of an OTLP/HTTP collector [try: collector: "
     "http://collector.observe.svc.cluster.local:4318]"},
    {"TracingWithoutAPort",
     "version: 1\n"
     "tracing: {collector: \"http://collector/v1/traces\"}\n",
     "2:22 OR130 `collector` needs the collector's port: 4318 is that of OTLP/HTTP [try: collector: "
     "http://collector:4318/v1/traces]"},
    {"TracingWithAPassword",
     "version: 1\n"
     "tracing: {collector: \"http://me:secret@collector:4318\"}\n",
     "2:22 OR130 `collector` needs a URL without a user and a password"},
    {"TracingWithAQuery",
     "version: 1\n"
     "tracing: {collector: \"http://collector:4318/v1/traces?token=x\"}\n",
     "2:22 OR130 `collector` needs a URL without a query"},
    {"TracingWithoutAHost",
     "version: 1\n"
     "tracing: {collector: \"http://:4318\"}\n",
     "2:22 OR130 `collector` needs a host behind the scheme [try: collector: "
     "http://collector.observe.svc.cluster.local:4318]"},
    {"TracingWithoutTrust",
     "version: 1\n"
     "tracing: {collector: \"https://collector:4318\"}\n",
     "2:22 OR217 nothing says which authorities may vouch for this collector; those of the system are not asked [try: "
     "trust: /certs/ca.crt]"},
    {"TracingPlainWithTrust",
     "version: 1\n"
     "tracing: {collector: \"http://collector:4318\", trust: /c/ca.crt}\n",
     "2:54 OR215 `trust` means nothing beside a collector with http://, which shows no certificate [try: collector: "
     "https://collector:4318]"},
    {"TracingSample",
     "version: 1\n"
     "tracing: {collector: \"http://collector:4318\", sample: always}\n",
     "2:55 OR127 `sample` is `parent`, or a percentage from 0 to 100, not `always` [try: sample: 1]"},
    {"TracingSampleTooMuch",
     "version: 1\n"
     "tracing: {collector: \"http://collector:4318\", sample: 101}\n",
     "2:55 OR131 `sample` is more than 100 percent [try: sample: 100]"},
    {"TracingHeaders",
     "version: 1\n"
     "tracing: {collector: \"http://collector:4318\", headers: {authorization: x}}\n",
     "2:47 OR120 `headers` does not belong here: secrets do not belong into this file: a collector that asks for a "
     "password stands behind one that does not"},
    {"LogSample",
     "version: 1\n"
     "log: {access: all, sample: 0.5}\n",
     ""},
    {"LogSampleTooMuch",
     "version: 1\n"
     "log: {sample: 200}\n",
     "2:15 OR131 `sample` is more than 100 percent [try: sample: 100]"},
};

}  // namespace

std::span<const Row> tracingRows() {
  return kRows;
}

}  // namespace outrigger::config
