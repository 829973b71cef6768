// Identity, TLS, and who may call the app.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"Identity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n",
     ""},
    {"IdentityWithoutTrust",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key}\n",
     ""},
    {"IdentityEmpty",
     "version: 1\n"
     "identity: {}\n",
     "2:11 OR121 the map `identity` needs the key `cert` [try: cert: /certs/tls.crt]\n"
     "2:11 OR121 the map `identity` needs the key `key` [try: key: /certs/tls.key]"},
    {"IdentityNone",
     "version: 1\n"
     "identity: none\n",
     "2:11 OR122 `identity` needs a map; here stands one value [try: a map with some of: cert, key, trust]"},
    {"IdentityAsAFile",
     "version: 1\n"
     "identity: /c/tls.crt\n",
     "2:11 OR122 `identity` needs a map; here stands one value [try: a map with some of: cert, key, trust]"},
    {"IdentityRelativePath",
     "version: 1\n"
     "identity: {cert: tls.crt, key: /c/tls.key}\n",
     "2:18 OR130 `cert` needs the full path of a file [try: cert: /certs/tls.crt]"},
    {"IdentityAFolder",
     "version: 1\n"
     "identity: {cert: /c/, key: /c/tls.key}\n",
     "2:18 OR130 `cert` needs the path of a file, at most 4095 octets without control characters"},
    {"IdentityUnknownKey",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, ca: /c/ca.crt}\n",
     "2:47 OR120 the map `identity` has no key `ca` [try: one of cert, key, trust]"},
    {"IdentityCertificate",
     "version: 1\n"
     "identity:\n"
     "  key: /c/tls.key\n"
     "  cert: |\n"
     "    -----BEGIN CERTIFICATE-----\n"
     "    MIIB\n"
     "    -----END CERTIFICATE-----\n",
     "5:1 OR130 `cert` needs the path of a PEM file, not what stands in it"},
    {"AppTlsPermissive",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n",
     ""},
    {"AppTlsStrict",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: strict}}\n",
     ""},
    {"AppTlsNone",
     "version: 1\n"
     "app: {port: 8080, tls: {mode: none}}\n",
     ""},
    {"AppTlsNoneWithClients",
     "version: 1\n"
     "app: {port: 8080, tls: {mode: none, clients: ignored}}\n",
     "2:37 OR132 `clients` means nothing beside `mode: none`"},
    {"AppTlsClientsIgnored",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key}\n"
     "app: {port: 8080, tls: {mode: strict, clients: ignored}}\n",
     ""},
    {"AppTlsWithoutMode",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {clients: optional}}\n",
     "3:24 OR121 the app's `tls` needs the key `mode` [try: mode: permissive]"},
    {"AppTlsAsAWord",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: strict}\n",
     "3:24 OR122 `tls` needs a map; here stands one value [try: tls: {mode: strict}]"},
    {"AppTlsTrue",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: true}\n",
     "3:24 OR122 `tls` needs a map; here stands one value [try: a map with some of: mode, clients]"},
    {"AppTlsMisspelled",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permisive, clients: all}}\n",
     "3:31 OR129 `mode` knows the words none, permissive, strict, not `permisive` [try: mode: permissive]\n"
     "3:51 OR129 `clients` knows the words ignored, optional, required, not `all`"},
    {"AppTlsWithoutIdentity",
     "version: 1\n"
     "app: {port: 8080, tls: {mode: strict}}\n",
     "2:25 OR216 TLS needs a certificate, and the file has no `identity` [try: identity: {cert: /certs/tls.crt, "
     "key: /certs/tls.key, trust: /certs/ca.crt}, at the top]"},
    {"AppTlsWithoutTrust",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n",
     "3:25 OR217 callers' certificates cannot be verified: `identity` has no `trust` [try: identity: {trust: "
     "/certs/ca.crt, ...}, or clients: ignored]"},
    {"AppTlsRequiredWithoutTrust",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key}\n"
     "app: {port: 8080, tls: {mode: permissive, clients: required}}\n",
     "3:43 OR217 callers' certificates cannot be verified: `identity` has no `trust` [try: identity: {trust: "
     "/certs/ca.crt, ...}, or clients: ignored]"},
    {"UpstreamTls",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {serverName: payments.shop, trust: /c/ca.crt}}}\n",
     ""},
    {"UpstreamTlsNone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: none}}\n",
     ""},
    {"UpstreamTlsByIdentity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {mode: mutual, identities: "
     "[\"spiffe://shop.example/ns/shop/sa/payments\"]}}}\n",
     ""},
    {"UpstreamTlsOneIdentity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {mode: mutual, identities: "
     "\"spiffe://shop.example/ns/shop/sa/payments\"}}}\n",
     ""},
    {"UpstreamTlsEmpty",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {}}}\n",
     "3:50 OR121 an upstream's `tls` needs the key `serverName` or `identities`: whom to expect there [try: "
     "serverName: payments.shop]"},
    {"UpstreamTlsTrue",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: true}}\n",
     "3:50 OR122 `tls` needs a map; here stands one value [try: a map with some of: mode, serverName, trust, "
     "identities]"},
    {"UpstreamTlsOff",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: off}}\n",
     "3:50 OR122 `tls` is not switched off this way [try: tls: none]"},
    {"UpstreamTlsMutualWithoutIdentity",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {mode: mutual, serverName: a.b, trust: /c/ca.crt}}}\n",
     "2:51 OR216 `mode: mutual` shows our certificate, and the file has no `identity` [try: identity: {cert: "
     "/certs/tls.crt, key: /certs/tls.key, trust: /certs/ca.crt}, at the top]"},
    {"UpstreamTlsWithoutTrust",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {serverName: payments.shop}}}\n",
     "2:50 OR217 nothing says which authorities may vouch for this upstream; those of the system are not asked "
     "[try: trust: /certs/ca.crt]"},
    {"UpstreamTlsWithoutTrustOfIdentity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {mode: mutual, serverName: payments.shop}}}\n",
     "3:50 OR217 nothing says which authorities may vouch for this upstream; those of the system are not asked "
     "[try: trust: /certs/ca.crt]"},
    {"UpstreamTlsStrict",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {mode: strict, serverName: a.b}}}\n",
     "3:57 OR129 `mode` knows the words simple, mutual, not `strict`"},
    {"UpstreamTlsServerNameWithPort",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {serverName: \"payments.shop:443\"}}}\n",
     "3:63 OR130 `serverName` needs a name without a port [try: serverName: payments.shop]"},
    {"UpstreamTlsServerNameAnAddress",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {serverName: 10.0.0.7}}}\n",
     "3:63 OR130 `serverName` needs a name as it stands in certificates, no address [try: serverName: payments.shop]"},
    {"UpstreamTlsServerNameAUrl",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {serverName: \"https://payments.shop/\"}}}\n",
     "3:63 OR130 `serverName` needs a host alone, without a scheme [try: serverName: payments.shop]"},
    {"UpstreamTlsIdentityWithStar",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {identities: [\"spiffe://shop.example/*\"]}}}\n",
     "3:64 OR130 an item of `identities` stands for one workload here, without `*`"},
    {"UpstreamTlsIdentityWithoutPath",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {identities: [\"spiffe://shop.example\"]}}}\n",
     "3:64 OR130 an item of `identities` needs a path behind the trust domain [try: "
     "spiffe://shop.example/ns/shop/sa/cart]"},
    {"UpstreamTlsIdentityAName",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {identities: [payments]}}}\n",
     "3:64 OR130 an item of `identities` begins with spiffe:// [try: spiffe://shop.example/ns/shop/sa/cart]"},
    {"UpstreamTlsNoIdentities",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {identities: []}}}\n",
     "3:63 OR134 `identities` needs at least 1 entry"},
    {"TlsAtTheTop",
     "version: 1\n"
     "tls: {}\n",
     "2:1 OR120 `tls` does not belong here: it stands at the app and at each upstream, and the certificate under "
     "`identity`"},
    {"UpstreamIdentity",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], identity: x}}\n",
     "2:45 OR120 `identity` does not belong here: our own stands at the top, the endpoints' under `tls: "
     "{identities: [...]}`"},
    {"AccessOfARoute",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], policy: default}}\n"
     "routes:\n"
     "- {to: u, access: {}}\n",
     "4:11 OR120 `access` does not belong here: who may call the app stands at the top, in the rules of `access`"},
    {"Access",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {name: cart-reads, identity: [\"spiffe://shop.example/ns/shop/sa/cart\"], methods: [GET, HEAD], prefix: "
     "/v1, allow: true}\n"
     "  - {name: all-shops, identity: \"spiffe://shop.example/*\", methods: GET, path: /, allow: false}\n"
     "  - {path: /healthz, allow: true}\n",
     ""},
    {"AccessAllows",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {default: allow, rules: [{prefix: /admin, allow: false}], mode: observe}\n",
     ""},
    {"AccessEmpty",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {}\n",
     "3:9 OR310 no rule allows anything: every call to the app is refused [try: rules: [{allow: true, ...}], or "
     "default: allow]"},
    {"AccessDeniesAll",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {default: deny, rules: [{path: /x, allow: false}]}\n",
     "3:9 OR310 no rule allows anything: every call to the app is refused [try: rules: [{allow: true, ...}], or "
     "default: allow]"},
    {"AccessAsAList",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: []\n",
     "3:9 OR122 `access` needs a map; here stands a list [try: a map with some of: default, rules, mode]"},
    {"AccessNone",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: none\n",
     "3:9 OR122 `access` needs a map; here stands one value [try: a map with some of: default, rules, mode]"},
    {"AccessWithoutApp",
     "version: 1\n"
     "access: {default: allow}\n",
     "2:9 OR303 without an `app`, there is nothing that `access` could guard [try: app: {port: 8080}]"},
    {"AccessMisspelled",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {default: refuse, mode: monitor, rule: []}\n",
     "3:19 OR129 `default` knows the words allow, deny, not `refuse`\n"
     "3:33 OR129 `mode` knows the words enforce, observe, not `monitor`\n"
     "3:42 OR120 the map `access` has no key `rule` [try: rules]"},
    {"AccessRuleWithoutAllow",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{path: /x}]}\n",
     "3:18 OR121 an access rule needs the key `allow` [try: allow: true]"},
    {"AccessRuleAllowYes",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{path: /x, allow: yes}]}\n",
     "3:36 OR129 `allow` is true or false, not `yes` [try: allow: true]"},
    {"AccessRuleUnknownKey",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{method: GET, regex: a, allow: true}]}\n",
     "3:19 OR120 an access rule has no key `method` [try: methods]\n"
     "3:32 OR120 an access rule has no key `regex` [try: routes.match.regex]"},
    {"AccessRulePathAndPrefix",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{path: /x, prefix: /x, allow: true}]}\n",
     "3:29 OR132 an access rule has one of `path`, `prefix`"},
    {"AccessRulePathWithDots",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{path: /a/../b, allow: true}]}\n",
     "3:25 OR130 `path` never matches: `.` and `..` are resolved before a route is looked for"},
    {"AccessRuleMethodInLowerCase",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{methods: get, allow: true}]}\n",
     "3:28 OR130 `methods` is case-sensitive [try: methods: GET]"},
    {"AccessRuleNoIdentity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: [], allow: true}\n",
     "6:16 OR134 `identity` needs at least 1 entry"},
    {"AccessRuleStarInTheMiddle",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/*/sa/cart\", allow: true}\n",
     "6:16 OR130 `identity` may have a `*` as its last segment alone [try: identity: spiffe://shop.example/*]"},
    {"AccessRuleStarForSegment",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/ns/shop*\", allow: true}\n",
     "6:16 OR130 `identity` may have a `*` as its last segment alone [try: identity: spiffe://shop.example/*]"},
    {"AccessRuleAllDomains",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://*\", allow: true}\n",
     "6:16 OR130 `identity` needs a trust domain: no rule takes the callers of all [try: identity: "
     "spiffe://shop.example/*]"},
    {"AccessRuleDomainAlone",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example\", allow: true}\n",
     "6:16 OR130 `identity` needs a path behind the trust domain [try: identity: spiffe://shop.example/*]"},
    {"AccessRuleDomainInCapitals",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://Shop.example/a\", allow: true}\n",
     "6:16 OR130 `identity` needs a trust domain of lower-case letters, digits, `.`, `-`, `_`"},
    {"AccessRuleEmptySegment",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example//a\", allow: true}\n",
     "6:16 OR130 `identity` needs a path of letters, digits, `.`, `-`, `_`, without an empty segment"},
    {"AccessRuleDots",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/ns/../a\", allow: true}\n",
     "6:16 OR130 `identity` needs a path of letters, digits, `.`, `-`, `_`, without an empty segment"},
    {"AccessRuleSlashAtTheEnd",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/a/\", allow: true}\n",
     "6:16 OR130 `identity` needs a path of letters, digits, `.`, `-`, `_`, without an empty segment"},
    {"AccessRuleEncoded",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/a%2fb\", allow: true}\n",
     "6:16 OR130 `identity` needs a path of letters, digits, `.`, `-`, `_`, without an empty segment"},
    {"AccessRuleLongIdentity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: "
     "\"spiffe://shop.example/"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaa\", allow: true}\n",
     "6:16 OR130 `identity` has more than 2048 octets"},
    {"AccessRuleInPlain",
     "version: 1\n"
     "app: {port: 1}\n"
     "access: {rules: [{identity: \"spiffe://shop.example/*\", allow: true}]}\n",
     "3:19 OR219 this rule names identities, but callers are received in plain: none has one [try: app: {tls: "
     "{mode: permissive}}, and `identity` at the top]"},
    {"AccessRuleClientsIgnored",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 1, tls: {mode: strict, clients: ignored}}\n"
     "access: {rules: [{identity: \"spiffe://shop.example/*\", allow: true}]}\n",
     "4:19 OR219 this rule names identities, but with `clients: ignored` callers show none [try: clients: optional]"},
    {"AccessRuleOfTcp",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 1, protocol: tcp, tls: {mode: strict}}\n"
     "access: {rules: [{identity: \"spiffe://shop.example/*\", methods: GET, prefix: /, allow: true}]}\n",
     "4:56 OR132 `methods` means nothing where the app has `protocol: tcp`\n"
     "4:70 OR132 `prefix` means nothing where the app has `protocol: tcp`"},
    {"AccessRulesOfTheSameName",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {name: a, path: /x, allow: true}\n"
     "  - {name: a, path: /y, allow: true}\n",
     "7:6 OR220 the rule in line 6 is called `a` as well"},
    {"AccessRuleWithTheNameOfAnother",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {name: rule-2, path: /x, allow: true}\n"
     "  - {path: /y, allow: true}\n",
     "7:5 OR220 the rule in line 6 is called `rule-2` as well"},
    {"AccessRuleNeverDecides",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {prefix: /v1, allow: true}\n"
     "  - {identity: \"spiffe://shop.example/a\", methods: GET, path: /v1/x, allow: false}\n",
     "7:5 OR301 the access rule `rule-2` never decides: `rule-1` in line 6 takes all its calls [try: this rule "
     "before that one]"},
    {"AccessRuleNeverDecidesByIdentity",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/ns/*\", allow: true}\n"
     "  - {identity: [\"spiffe://shop.example/ns/shop/*\", \"spiffe://shop.example/ns/x\"], allow: false}\n",
     "7:5 OR301 the access rule `rule-2` never decides: `rule-1` in line 6 takes all its calls [try: this rule "
     "before that one]"},
    {"AccessRuleOfOtherSegments",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {prefix: /v1, allow: true}\n"
     "  - {prefix: /v1x, allow: false}\n"
     "  - {path: /v, allow: false}\n"
     "  - {prefix: /, allow: false}\n",
     ""},
    {"AccessRuleOfOtherDomain",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {identity: \"spiffe://shop.example/*\", allow: true}\n"
     "  - {identity: \"spiffe://shop.example.com/a\", allow: false}\n"
     "  - {identity: [\"spiffe://shop.example/a\", \"spiffe://other/a\"], allow: false}\n",
     ""},
    {"AccessRuleOfOtherMethods",
     "version: 1\n"
     "identity: {cert: /c/tls.crt, key: /c/tls.key, trust: /c/ca.crt}\n"
     "app: {port: 8080, tls: {mode: permissive}}\n"
     "access:\n"
     "  rules:\n"
     "  - {methods: [GET, HEAD], allow: true}\n"
     "  - {methods: [HEAD, POST], allow: false}\n"
     "  - {methods: HEAD, allow: false}\n",
     "8:5 OR301 the access rule `rule-3` never decides: `rule-1` in line 6 takes all its calls [try: this rule "
     "before that one]"},
};

}  // namespace

std::span<const Row> securityRows() {
  return kRows;
}

}  // namespace outrigger::config
