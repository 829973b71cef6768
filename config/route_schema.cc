// The shapes of upstreams, routes and the app.
#include "config/bind.h"
#include "config/file_schema.h"
#include "config/policy_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

constexpr Type kName = text(checkName);
constexpr Type kAddress = address(AddressUse::Call);
constexpr Type kHeaderValue = text(checkHeaderValue);
constexpr Type kTtl = duration(1s, kLongestSetting);

constexpr Word kProtocolWords[] = {{"http1"}, {"http2"}, {"auto"}, {"tcp"}};  // in the order of Protocol
constexpr Word kRequiredWords[] = {{"none"}, {"required"}};                   // in the order of WrittenProxyProtocol
constexpr Field kAppPortFields[] = {
    {"listen", address(AddressUse::Listen), "Where calls to it arrive.", into<&WrittenAppPort::listen>, true,
     "listen: \"[::]:15106\""},
    {"port", integer(1, 65535), "The port of the app on 127.0.0.1.", into<&WrittenAppPort::port>, true, "port: 8080"},
};
constexpr Shape kAppPortShape = shapeOf<WrittenAppPort>("a port of the app", kAppPortFields);
constexpr Type kAppPort = map(kAppPortShape);
constexpr Type kProbe = text(checkProbeTarget);
constexpr Field kAppFields[] = {
    {"port", integer(1, 65535), "The port of the app on 127.0.0.1.", into<&WrittenApp::port>},
    {"address", kAddress, "Its address, where that is another.", into<&WrittenApp::address>},
    {"ports", list(kAppPort, 1, 100), "Several of them, each with a listener of its own.", into<&WrittenApp::ports>},
    {"probes", list(kProbe, 0, 100), "Paths of its health probes: they pass without policies and are not counted.",
     into<&WrittenApp::probes>},
    {"policy", kName, "The policy of calls to it; else `inbound`.", into<&WrittenApp::policy>},
    {"tls", map(kAppTlsShape), "How callers are received; in plain, where nothing is said.", into<&WrittenApp::tls>},
    {"protocol", word(kProtocolWords), "What it speaks. auto: HTTP in the version of the caller.",
     into<&WrittenApp::protocol>},
    {"proxyProtocol", word(kRequiredWords), "required: each inbound connection begins with a PROXY protocol header.",
     into<&WrittenApp::proxyProtocol>},
};
constexpr Field kEndpointFields[] = {
    {"address", kAddress, "IP:PORT, [IPv6]:PORT or unix:/path.", into<&EndpointModel::address>, true,
     "address: 10.0.0.7:8080"},
    {"weight", integer(1, 1000), "Its share of the requests, against the others; else 1.",
     into<&EndpointModel::weight>},
};
constexpr Refused kEndpointRefused[] = {{"zone", "zones are not looked at"}};
constexpr Shape kEndpointShape = shapeOf<EndpointModel>("an endpoint", kEndpointFields, kEndpointRefused);
constexpr Type kEndpoint = map(kEndpointShape).orShort("address");

constexpr Word kBalanceWords[] = {
    // in the order of policy::Balance
    {"round-robin"},
    {"least-request"},
    {"random"},
    {"ewma"},
};
constexpr Type kBalanceWord = word(kBalanceWords);
constexpr Word kHashWords[] = {{"source"}};
constexpr Type kHashWord = word(kHashWords);
constexpr Field kHashFields[] = {
    {"header", text(checkHeaderName), "By the value of this header.", nullptr, false, "header: x-user"},
    {"cookie", text(checkCookieName), "By this cookie; callers that bring none are given one.", nullptr, false,
     "cookie: outrigger-affinity"},
    {"ttl", kTtl.orNone(), "How long such a cookie lives. none: as long as the session."},
};
constexpr Shape kHashShape = shapeOf<policy::HashKey>("a hash", kHashFields);
constexpr Field kBalanceFields[] = {
    {"hash", map(kHashShape).orOne(kHashWord),
     "Requests with the same key go to the same endpoint. source: by the address of the caller.",
     into<&policy::BalanceSettings::hash>, true, "hash: {header: x-user}"},
};
constexpr Shape kBalanceShape = shapeOf<policy::BalanceSettings>("a balance", kBalanceFields);

constexpr Word kCheckWords[] = {
    // in the order of policy::HealthSettings::Kind
    {"http"},
    {"tcp"},
    {"grpc"},
};
using policy::HealthSettings;
constexpr Field kHealthFields[] = {
    {"kind", word(kCheckWords),
     "http: a GET that is answered with 200 to 399; tcp: a connection that is taken; grpc: the service says SERVING.",
     into<&HealthSettings::kind>},
    {"path", text(checkProbeTarget), "What an http check asks for.", into<&HealthSettings::path>},
    {"host", text(checkHost).orAuto(), "The host that it asks for. auto: the upstream's name.",
     into<&HealthSettings::host>},
    {"service", text(checkServiceName), "The service that a grpc check asks for; the server, where nothing is said.",
     into<&HealthSettings::service>},
    {"interval", duration(100ms, 1h), "From one check to the next.", into<&HealthSettings::interval>},
    {"timeout", duration(1ms, 1h), "What takes longer has failed.", into<&HealthSettings::timeout>},
    {"unhealthy", integer(1, 100), "An endpoint leaves after this many failed checks in a row.",
     into<&HealthSettings::unhealthy>},
    {"healthy", integer(1, 100), "It comes back after this many good ones.", into<&HealthSettings::healthy>},
};
constexpr Shape kHealthShape = shapeOf<HealthSettings>("a health check", kHealthFields);

struct Sidecar {};
constexpr Type kWhether = boolean();
constexpr Field kSidecarFields[] = {
    {"port", integer(1, 65535), "Where it listens, at the address of its endpoint.", nullptr, true, "port: 15106"},
};
constexpr Shape kSidecarShape = shapeOf<Sidecar>("a sidecar", kSidecarFields);

constexpr Word kProxyWords[] = {{"none"}, {"v1"}, {"v2"}};  // in the order of policy::ProxyProtocol
constexpr Field kKubernetesFields[] = {
    {"service", text(checkDnsLabel), "The name of the service.", into<&WrittenKubernetes::service>, true,
     "service: payments"},
    {"namespace", text(checkDnsLabel), "Its namespace; our own, where nothing is said.",
     into<&WrittenKubernetes::nameSpace>},
    {"port", text(checkServicePort), "Its port, by number or by name, as its pods listen there.",
     into<&WrittenKubernetes::port>, true, "port: 8080"},
};
constexpr Shape kKubernetesShape = shapeOf<WrittenKubernetes>("a service of Kubernetes", kKubernetesFields);

constexpr Field kUpstreamFields[] = {
    {"endpoints", list(kEndpoint, 1, 10'000), "The addresses of the service.", into<&WrittenUpstream::endpoints>},
    {"dns", text(checkDnsName), "Or the name that they are looked up by; SRV records, where it begins with `_`.",
     into<&WrittenUpstream::dns>},
    {"port", integer(1, 65535), "With `dns`: the port of each of them.", into<&WrittenUpstream::port>},
    {"kubernetes", map(kKubernetesShape), "Or the service whose EndpointSlices tell them.",
     into<&WrittenUpstream::kubernetes>},
    {"policy", kName, "The policy of calls to it; else `default`.", into<&WrittenUpstream::policy>},
    {"balance", map(kBalanceShape).orOne(kBalanceWord), "How an endpoint is chosen.", into<&WrittenUpstream::balance>},
    {"health", map(kHealthShape).orNone(), "Probes of each endpoint, beside the traffic.",
     into<&WrittenUpstream::health>},
    {"slowStart", duration(100ms, 1h).orNone(),
     "In which an endpoint that is new, or was unhealthy, grows to its full share.", into<&WrittenUpstream::slowStart>},
    {"sidecar", map(kSidecarShape).orOne(kWhether),
     "An Outrigger stands before each endpoint, and its marks are believed. true: at the endpoint's own port.",
     into<&WrittenUpstream::sidecar>},
    {"listen", address(AddressUse::Listen).orNone(), "A port of its own: all that arrives there goes to this upstream.",
     into<&WrittenUpstream::listen>},
    {"protocol", word(kProtocolWords),
     "What its endpoints speak. auto: HTTP in the version of the caller; tcp: bytes are passed on as they are.",
     into<&WrittenUpstream::protocol>},
    {"tls", map(kUpstreamTlsShape).orNone(), "How its endpoints are called in TLS; in plain, where nothing is said.",
     into<&WrittenUpstream::tls>},
    {"proxyProtocol", word(kProxyWords),
     "The PROXY protocol header that each connection to them begins with: of the caller with protocol tcp, without "
     "addresses where requests of many callers share one.",
     into<&WrittenUpstream::proxyProtocol>},
};
constexpr Refused kUpstreamRefused[] = {
    {"identity", "our own stands at the top, the endpoints' under `tls: {identities: [...]}`", false},
};

constexpr Word kDirectionWords[] = {{"inbound"}, {"outbound"}};  // in the order of Direction
constexpr Type kMethod = text(checkMethod);
constexpr Field kMatchFields[] = {
    {"host", text(checkHostMatch), "A host name, or `.suffix` for all that end so; with a port, only that port.",
     into<&WrittenMatch::host>},
    {"method", list(kMethod, 1, 50).orSingle(), "A method, or a list of them.", into<&WrittenMatch::methods>},
    {"path", text(checkPath), "This path and no other.", into<&WrittenMatch::path>},
    {"prefix", text(checkPrefix), "Paths that begin with these segments.", into<&WrittenMatch::prefix>},
    {"regex", text(checkRegex), "Paths that this regular expression (RE2) matches as a whole.",
     into<&WrittenMatch::regex>},
    {"headers", names(checkHeaderName, kHeaderValue).anyCase(), "Headers with exactly these values.",
     into<&WrittenMatch::headers>},
    {"direction", word(kDirectionWords), "outbound: calls of the app; inbound: calls to it.",
     into<&WrittenMatch::direction>},
};
constexpr Shape kMatchShape = shapeOf<WrittenMatch>("a match", kMatchFields);

constexpr Field kTargetFields[] = {
    {"upstream", kName, "The name of an upstream, or `app`.", into<&WrittenTarget::upstream>, true, "upstream: NAME"},
    {"weight", integer(0, 1000), "Its share of the requests, against the others; else 1.",
     into<&WrittenTarget::weight>},
};
constexpr Shape kTargetShape = shapeOf<WrittenTarget>("a target", kTargetFields);
constexpr Type kTarget = map(kTargetShape).orShort("upstream");

constexpr Field kMirrorFields[] = {
    {"to", kName, "The upstream that gets copies; its answers are dropped.", into<&WrittenMirror::to>, true,
     "to: UPSTREAM"},
    {"percent", percent(), "Of how many requests; all, where nothing is said.", into<&WrittenMirror::percent>},
};
constexpr Shape kMirrorShape = shapeOf<WrittenMirror>("a mirror", kMirrorFields);

constexpr Field kRewriteFields[] = {
    {"prefix", text(checkPrefix), "Stands instead of the prefix that matched.", into<&RewriteModel::prefix>},
    {"host", text(checkHost), "The host that the upstream sees.", into<&RewriteModel::host>},
};
constexpr Shape kRewriteShape = shapeOf<RewriteModel>("a rewrite", kRewriteFields);

constexpr Word kSchemeWords[] = {{"http"}, {"https"}};
constexpr Field kRedirectFields[] = {
    {"status", text(checkRedirectStatus), "301, 302, 303, 307 (the default: temporary, keeps the method) or 308.",
     into<&RedirectModel::status>},
    {"scheme", word(kSchemeWords), "The scheme of the new URL.", into<&RedirectModel::scheme>},
    {"host", text(checkHost), "Its host, perhaps with a port.", into<&RedirectModel::host>},
    {"path", text(checkPath), "Its path.", into<&RedirectModel::path>},
    {"prefix", text(checkPrefix), "Stands instead of the prefix that matched.", into<&RedirectModel::prefix>},
};
constexpr Shape kRedirectShape = shapeOf<RedirectModel>("a redirect", kRedirectFields);

constexpr Field kRespondFields[] = {
    {"status", integer(200, 599), "The status of the answer.", into<&RespondModel::status>, true, "status: 204"},
    {"body", text(checkBody), "Its body, at most 64 KiB.", into<&RespondModel::body>},
    {"headers", names(checkOwnHeaderName, kHeaderValue).anyCase(), "Its headers.", into<&RespondModel::headers>},
};
constexpr Shape kRespondShape = shapeOf<RespondModel>("an answer", kRespondFields);

constexpr Type kFilter = any();
constexpr Field kRouteFields[] = {
    {"name", kName, "As records and metrics call it; else route-N.", into<&WrittenRoute::name>},
    {"match", map(kMatchShape), "Which requests it takes; all, where nothing is said.", into<&WrittenRoute::match>},
    {"to", list(kTarget, 1, 100).orSingle(), "An upstream, or a list of them with weights.", into<&WrittenRoute::to>},
    {"mirror", map(kMirrorShape).orShort("to").orNone(), "Sends copies to another upstream as well.",
     into<&WrittenRoute::mirror>},
    {"override", map(kOverrideShape), "What this route does otherwise than the policy says.",
     into<&WrittenRoute::override>},
    {"rewrite", map(kRewriteShape), "What the upstream sees instead.", into<&WrittenRoute::rewrite>},
    {"redirect", map(kRedirectShape), "Sends the client elsewhere, instead of `to`.", into<&WrittenRoute::redirect>},
    {"respond", map(kRespondShape), "Answers by itself, instead of `to`.", into<&WrittenRoute::respond>},
    {"filters", list(kFilter, 0, 50), "What is done to the request and its answer, in this order.",
     into<&WrittenRoute::filters>},
};
constexpr Refused kRouteRefused[] = {
    {"access", "who may call the app stands at the top, in the rules of `access`", false},
};

}  // namespace

constexpr Shape kAppShape = shapeOf<WrittenApp>("the app", kAppFields);
constexpr Shape kUpstreamShape = shapeOf<WrittenUpstream>("an upstream", kUpstreamFields, kUpstreamRefused);
constexpr Shape kRouteShape = shapeOf<WrittenRoute>("a route", kRouteFields, kRouteRefused);

}  // namespace outrigger::config
