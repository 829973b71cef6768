#include "config/file_schema.h"

#include "config/bind.h"
#include "config/model.h"
#include "config/policy_schema.h"
#include "config/texts.h"

namespace outrigger::config {
namespace {

constexpr Type kListenAddress = address(AddressUse::Listen).orNone();
constexpr Type kAnyTime = duration(1ms, kLongestSetting);

std::optional<Slip> checkVersion(Bytes text) {
  if (text == "1") return std::nullopt;
  return Slip{Code::OtherVersion, "is 1 for this program, not " + inQuotes(text), "1"};
}

constexpr Field kListenFields[] = {
    {"inbound", kListenAddress, "Calls from others to the app; opened only where there is an app.",
     into<&ListenModel::inbound>},
    {"outbound", kListenAddress, "Calls of the app to others, by host or as a forward proxy.",
     into<&ListenModel::outbound>},
    {"admin", kListenAddress, "The live page, JSON and actions.", into<&ListenModel::admin>},
    {"telemetry", kListenAddress, "/metrics, /ready and /live, nothing else.", into<&ListenModel::telemetry>},
};
constexpr Shape kListenShape = shapeOf<ListenModel>("the map `listen`", kListenFields);

constexpr Word kLevelWords[] = {{"debug"}, {"info"}, {"warn"}, {"error"}};  // in the order of LogModel::Level
constexpr Word kAccessWords[] = {{"all"}, {"errors"}, {"none"}};            // in the order of LogModel::Access
constexpr Word kPathWords[] = {{"route"}, {"full"}};                        // in the order of LogModel::Path
constexpr Type kLoggedHeader = text(checkLoggedHeader);
constexpr Field kLogFields[] = {
    {"level", word(kLevelWords), "The least that is logged.", into<&LogModel::level>},
    {"access", word(kAccessWords), "Which requests get an access record.", into<&LogModel::access>},
    {"path", word(kPathWords), "Host and path in access records. route: as the route names them; full: as they came.",
     into<&LogModel::path>},
    {"headers", list(kLoggedHeader, 0, 50), "Request headers that access records hold.", into<&LogModel::headers>},
};
constexpr Shape kLogShape = shapeOf<LogModel>("the map `log`", kLogFields);

constexpr Field kAdminFields[] = {
    {"actions", boolean(), "Whether the admin listener changes things, too.", into<&AdminModel::actions>},
};
constexpr Shape kAdminShape = shapeOf<AdminModel>("the map `admin`", kAdminFields);

constexpr Word kUnknownWords[] = {{"refuse"}, {"passthrough"}};  // in the order of OutboundModel::Unknown
constexpr Field kOutboundFields[] = {
    {"unknown", word(kUnknownWords).orAuto(),
     "Calls to hosts that no route names. auto: passed on where connections are redirected to us, else refused.",
     into<&OutboundModel::unknown>},
};
constexpr Shape kOutboundShape = shapeOf<OutboundModel>("the map `outbound`", kOutboundFields);

constexpr Type kPort = integer(1, 65535);
constexpr Type kCidr = text(checkCidr);
constexpr Field kInterceptFields[] = {
    {"enabled", boolean(), "The kernel redirects the pod's connections to us (`outrigger redirect apply`).",
     into<&InterceptModel::enabled>},
    {"skipPorts", list(kPort, 0, 1000), "Destination ports that it leaves alone.", into<&InterceptModel::skipPorts>},
    {"skipCidrs", list(kCidr, 0, 1000), "Destination networks that it leaves alone.", into<&InterceptModel::skipCidrs>},
};
constexpr Shape kInterceptShape = shapeOf<InterceptModel>("the map `redirect`", kInterceptFields);

constexpr Field kShutdownFields[] = {
    {"lameDuck", duration(0ms, 1h), "How long new requests are still taken after the end was asked for.",
     into<&ShutdownModel::lameDuck>},
    {"grace", duration(0ms, 24h), "What is left after this time is cut.", into<&ShutdownModel::grace>},
};
constexpr Shape kShutdownShape = shapeOf<ShutdownModel>("the map `shutdown`", kShutdownFields);

constexpr Field kHttpFields[] = {
    {"headBytes", size(1 << 10, 1 << 20), "The largest head of a request.", into<&HttpModel::headBytes>},
    {"headFields", integer(1, 10'000), "The most headers of a request.", into<&HttpModel::headFields>},
    {"targetBytes", size(64, 1 << 20), "The longest request target.", into<&HttpModel::targetBytes>},
    {"headTimeout", duration(1ms, 1h), "How long a head may take to arrive.", into<&HttpModel::headTimeout>},
    {"keepAlive", kAnyTime.orNone(), "How long an idle connection is kept.", into<&HttpModel::keepAlive>},
    {"maxAge", kAnyTime.orNone(), "How old a connection may become; with TLS, none stands for an hour.",
     into<&HttpModel::maxAge>},
    {"streams", integer(1, 1000), "The most requests at a time on one HTTP/2 connection.", into<&HttpModel::streams>},
    {"connect", boolean(), "Whether the app may open tunnels to upstreams with CONNECT.", into<&HttpModel::connect>},
};
constexpr Shape kHttpShape = shapeOf<HttpModel>("the map `http`", kHttpFields);

constexpr Type kBucket = duration(1ms, 1h);
constexpr Field kMetricsFields[] = {
    {"maxSeries", integer(100, 1'000'000), "The most series; further ones are counted under `other`.",
     into<&MetricsModel::maxSeries>},
    {"buckets", list(kBucket, 1, 31).orAuto(), "Upper bounds of the histogram's buckets, ascending.",
     into<&MetricsModel::buckets>},
};
constexpr Shape kMetricsShape = shapeOf<MetricsModel>("the map `metrics`", kMetricsFields);

constexpr Type kPolicy = map(kPolicyShape);
constexpr Type kUpstream = map(kUpstreamShape);
constexpr Type kRoute = map(kRouteShape);
constexpr Field kFileFields[] = {
    {"version", text(checkVersion), "The version of this format.", nullptr, true, "version: 1"},
    {"identity", map(kIdentityShape), "Who this workload is, as files that are watched.", into<&Model::identity>},
    {"app", map(kAppShape), "The app beside us."},
    {"access", map(kAccessShape), "Who may call the app; everybody, where nothing is said."},
    {"listen", map(kListenShape), "Where we listen.", into<&Model::listen>},
    {"workers", integer(1, 64).orAuto(), "Worker threads. auto: the CPU quota, rounded up, at most 4.",
     into<&Model::workers>},
    {"log", map(kLogShape), "What is logged.", into<&Model::log>},
    {"admin", map(kAdminShape), "What the admin listener may do.", into<&Model::admin>},
    {"outbound", map(kOutboundShape), "What the app may call.", into<&Model::outbound>},
    {"redirect", map(kInterceptShape), "Whether connections are redirected to us.", into<&Model::redirect>},
    {"opaquePorts", list(kPort, 0, 1000), "Redirected connections to these ports are passed on without a look at them.",
     into<&Model::opaquePorts>},
    {"shutdown", map(kShutdownShape), "How we end.", into<&Model::shutdown>},
    {"http", map(kHttpShape), "The downstream side of HTTP.", into<&Model::http>},
    {"metrics", map(kMetricsShape), "What is measured.", into<&Model::metrics>},
    {"policies", names(checkName, kPolicy), "Named sets of resilience settings."},
    {"upstreams", names(checkName, kUpstream), "The services that the app calls."},
    {"routes", list(kRoute, 0, 100'000), "Rules for requests; the first that matches wins."},
};
constexpr Refused kFileRefused[] = {
    {"tls", "it stands at the app and at each upstream, and the certificate under `identity`", false},
    {"tracing", "spans are not exported; trace headers pass through"},
};

}  // namespace

constexpr Shape kFileShape = shapeOf<Model>("the file", kFileFields, kFileRefused);
constexpr Type kFileType = map(kFileShape);

}  // namespace outrigger::config
