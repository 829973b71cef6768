// The shapes of identity, access and TLS.
#include "config/bind.h"
#include "config/file_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

constexpr Type kFile = text(checkFilePath);

constexpr Field kIdentityFields[] = {
    {"cert", kFile, "A PEM file with our certificate, and its chain behind it.", into<&IdentityModel::cert>, true,
     "cert: /certs/tls.crt"},
    {"key", kFile, "A PEM file with its private key.", into<&IdentityModel::key>, true, "key: /certs/tls.key"},
    {"trust", kFile, "A PEM file with the authorities that other workloads are verified against.",
     into<&IdentityModel::trust>},
};

constexpr Word kAppTlsWords[] = {{"none"}, {"permissive"}, {"strict"}};      // in the order of AppTlsModel::Mode
constexpr Word kClientsWords[] = {{"ignored"}, {"optional"}, {"required"}};  // of TlsServerSettings::Clients
constexpr Field kAppTlsFields[] = {
    {"mode", word(kAppTlsWords), "none: plain; permissive: TLS and plain on one port; strict: TLS alone.",
     into<&WrittenAppTls::mode>, true, "mode: permissive"},
    {"clients", word(kClientsWords).orAuto(),
     "Whether callers show a certificate of their own. auto: required where the mode is strict, else optional.",
     into<&WrittenAppTls::clients>},
};

constexpr Word kUpstreamTlsWords[] = {{"simple"}, {"mutual"}};  // in the order of UpstreamTlsModel::Mode
constexpr Type kIdentity = text(checkIdentity);
constexpr Field kUpstreamTlsFields[] = {
    {"mode", word(kUpstreamTlsWords), "mutual: our own certificate is shown, too.", into<&UpstreamTlsModel::mode>},
    {"serverName", text(checkServerName), "The name that is asked for, and that its certificate must hold.",
     into<&UpstreamTlsModel::serverName>},
    {"trust", kFile, "A PEM file with the authorities that it is verified against; else that of `identity`.",
     into<&UpstreamTlsModel::trust>},
    {"identities", list(kIdentity, 1, 100).orSingle(), "SPIFFE IDs, one of which its certificate must hold.",
     into<&UpstreamTlsModel::identities>},
};

constexpr Type kRuleIdentity = text(checkIdentityRule);
constexpr Type kMethod = text(checkMethod);
constexpr Field kRuleFields[] = {
    {"name", text(checkName), "As decisions call it; else rule-N.", into<&WrittenAccessRule::name>},
    {"identity", list(kRuleIdentity, 1, 10'000).orSingle(),
     "SPIFFE IDs of callers; one that ends in /* takes all below; anybody, where nothing is said.",
     into<&WrittenAccessRule::identities>},
    {"methods", list(kMethod, 1, 50).orSingle(), "A method, or a list of them; any, where nothing is said.",
     into<&WrittenAccessRule::methods>},
    {"path", text(checkPath), "This path and no other.", into<&WrittenAccessRule::path>},
    {"prefix", text(checkPrefix), "Paths that begin with these segments.", into<&WrittenAccessRule::prefix>},
    {"allow", boolean(), "Whether such calls pass or are refused.", into<&WrittenAccessRule::allow>, true,
     "allow: true"},
};
constexpr Shape kRuleShape = shapeOf<WrittenAccessRule>("an access rule", kRuleFields);
constexpr Type kRule = map(kRuleShape);

constexpr Word kDefaultWords[] = {{"allow"}, {"deny"}};    // in the order of WrittenAccess::Default
constexpr Word kModeWords[] = {{"enforce"}, {"observe"}};  // in the order of policy::Mode
constexpr Field kAccessFields[] = {
    {"default", word(kDefaultWords), "What becomes of calls that no rule takes.", into<&WrittenAccess::byDefault>},
    {"rules", list(kRule, 0, 1000), "Rules about callers; the first that fits decides.", into<&WrittenAccess::rules>},
    {"mode", word(kModeWords), "observe: count what would be refused, refuse nothing.", into<&WrittenAccess::mode>},
};

}  // namespace

constexpr Shape kIdentityShape = shapeOf<IdentityModel>("the map `identity`", kIdentityFields);
constexpr Shape kAppTlsShape = shapeOf<WrittenAppTls>("the app's `tls`", kAppTlsFields);
constexpr Shape kUpstreamTlsShape = shapeOf<UpstreamTlsModel>("an upstream's `tls`", kUpstreamTlsFields);
constexpr Shape kAccessShape = shapeOf<WrittenAccess>("the map `access`", kAccessFields);

}  // namespace outrigger::config
