// YAML that is none, or that is refused, and the environment.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

using namespace std::string_view_literals;

constexpr Row kRows[] = {
    {"EmptyFile", "", "1:1 OR103 the file is empty [try: version: 1]"},
    {"OnlyComments", "# nothing\n", "1:1 OR103 the file is empty [try: version: 1]"},
    {"OnlyADocumentMark", "---\n", "1:1 OR103 the file is empty [try: version: 1]"},
    {"TextInsteadOfAMap", "hello\n",
     "1:1 OR122 the file needs a map; here stands one value [try: a map with some of: version, identity, app, access, "
     "listen, workers, "
     "log, tracing, admin, outbound, redirect, opaquePorts, shutdown, http, metrics, policies, upstreams, routes]"},
    {"ListInsteadOfAMap", "- version: 1\n",
     "1:1 OR122 the file needs a map; here stands a list [try: a map with some of: version, identity, app, access, "
     "listen, workers, log, "
     "tracing, admin, outbound, redirect, opaquePorts, shutdown, http, metrics, policies, upstreams, routes]"},
    {"TabForIndentation",
     "version: 1\n"
     "log:\n"
     "\tlevel: info\n",
     "3:1 OR102 a tab stands where the line is indented [try: spaces]"},
    {"TabBelowAScalar",
     "version: 1\n"
     "\tworkers: 2\n",
     "2:1 OR102 a tab stands where the line is indented [try: spaces]"},
    {"TabBehindSpaces",
     "version: 1\n"
     "log:\n"
     "  level: info\n"
     " \taccess: all\n",
     "4:2 OR102 a tab stands where the line is indented [try: spaces]"},
    {"MissingQuote",
     "version: 1\n"
     "app: {address: \"127.0.0.1:80}\n",
     "2:17 OR101 the closing quote is missing"},
    {"MissingBracket",
     "version: 1\n"
     "log: {level: info\n"
     "workers: 1\n",
     "2:14 OR101 this value goes on in the next line: a comma is missing, or the indentation is wrong, or it needs "
     "quotes\n"
     "3:8 OR101 a comma is missing here, or the bracket before is not closed"},
    {"WrongBracket",
     "version: 1\n"
     "log: {level: info]\n",
     "2:18 OR101 this bracket closes another kind of bracket"},
    {"CommaTooMany",
     "version: 1\n"
     "log: {level: info,, access: all}\n",
     "2:19 OR101 a value is missing here, or a comma is one too many"},
    {"TwoColonsInALine",
     "version: 1\n"
     "workers: 1: 2\n",
     "2:11 OR101 a second `: ` stands in this line [try: the value in quotes]"},
    {"ValueBeginsWithAt",
     "version: 1\n"
     "workers: @x\n",
     "2:10 OR101 a value cannot begin with this character [try: the value in quotes]"},
    {"ValueBeginsWithBackQuote",
     "version: 1\n"
     "workers: `x`\n",
     "2:10 OR101 a value cannot begin with this character [try: the value in quotes]"},
    {"KeyWithoutColon",
     "version: 1\n"
     "workers 1\n",
     "2:1 OR101 this does not fit to the lines above: check its indentation, and whether `: ` is missing"},
    {"WrongIndentation",
     "version: 1\n"
     "log:\n"
     "  level: info\n"
     " access: all\n",
     "4:2 OR101 this line does not fit to those above: check its indentation"},
    {"ListTooDeep",
     "version: 1\n"
     "routes:\n"
     "  - to: u\n"
     "   - to: u\n",
     "4:4 OR101 this line does not fit to those above: check its indentation"},
    {"ValueOverTwoLines",
     "version: 1\n"
     "upstreams:\n"
     "  u:\n"
     "    endpoints:\n"
     "      - 10.0.0.1:80\n"
     "       - 10.0.0.2:80\n",
     "5:9 OR101 this value goes on in the next line: a comma is missing, or the indentation is wrong, or it needs "
     "quotes"},
    {"UnknownEscape",
     "version: 1\n"
     "log: {level: \"\\q\"}\n",
     "2:15 OR101 a double-quoted text knows no such escape [try: single quotes]"},
    {"Directive",
     "%YAML 1.1\n"
     "---\n"
     "version: 1\n",
     "1:1 OR101 a line that begins with % is a directive of YAML, which is refused"},
    {"SecondDocument",
     "version: 1\n"
     "---\n"
     "version: 1\n",
     "2:1 OR106 a second document begins here [try: one document for each file]"},
    {"TooDeep",
     "a: "
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
     "]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
     "1:67 OR105 more than 64 lists and maps stand in one another here"},
    {"TooDeepInLines",
     "a:\n"
     " a:\n"
     "  a:\n"
     "   a:\n"
     "    a:\n"
     "     a:\n"
     "      a:\n"
     "       a:\n"
     "        a:\n"
     "         a:\n"
     "          a:\n"
     "           a:\n"
     "            a:\n"
     "             a:\n"
     "              a:\n"
     "               a:\n"
     "                a:\n"
     "                 a:\n"
     "                  a:\n"
     "                   a:\n"
     "                    a:\n"
     "                     a:\n"
     "                      a:\n"
     "                       a:\n"
     "                        a:\n"
     "                         a:\n"
     "                          a:\n"
     "                           a:\n"
     "                            a:\n"
     "                             a:\n"
     "                              a:\n"
     "                               a:\n"
     "                                a:\n"
     "                                 a:\n"
     "                                  a:\n"
     "                                   a:\n"
     "                                    a:\n"
     "                                     a:\n"
     "                                      a:\n"
     "                                       a:\n"
     "                                        a:\n"
     "                                         a:\n"
     "                                          a:\n"
     "                                           a:\n"
     "                                            a:\n"
     "                                             a:\n"
     "                                              a:\n"
     "                                               a:\n"
     "                                                a:\n"
     "                                                 a:\n"
     "                                                  a:\n"
     "                                                   a:\n"
     "                                                    a:\n"
     "                                                     a:\n"
     "                                                      a:\n"
     "                                                       a:\n"
     "                                                        a:\n"
     "                                                         a:\n"
     "                                                          a:\n"
     "                                                           a:\n"
     "                                                            a:\n"
     "                                                             a:\n"
     "                                                              a:\n"
     "                                                               a:\n"
     "                                                                a:\n"
     "                                                                 a:\n"
     "                                                                  a:\n"
     "                                                                   a:\n"
     "                                                                    a:\n"
     "                                                                     a:\n",
     "65:65 OR105 more than 64 lists and maps stand in one another here"},
    {"Anchor",
     "version: 1\n"
     "log: &log {level: info}\n",
     "2:7 OR107 the anchor `&log` is refused [try: a policy of its own, with `extends`]"},
    {"AliasOfAnAnchor",
     "version: 1\n"
     "log: &log {level: info}\n"
     "admin: *log\n",
     "2:7 OR107 the anchor `&log` is refused [try: a policy of its own, with `extends`]\n"
     "3:8 OR107 `*log` is an alias in YAML, which is refused [try: the value itself; shared settings go into a "
     "policy]"},
    {"MergeKey",
     "version: 1\n"
     "policies: {default: {<<: {retry: {limit: 1}}}}\n",
     "2:22 OR107 `<<` merges maps in YAML, which is refused [try: a policy of its own, with `extends`]"},
    {"SuffixReadAsAnAlias",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {host: *.example.com}, to: u}\n",
     "4:18 OR107 `*.example.com` is an alias in YAML, which is refused; all names that end alike are written with the "
     "point first [try: .example.com]"},
    {"PortReadAsAnAlias",
     "version: 1\n"
     "listen: {admin: *:80}\n",
     "2:17 OR107 `*:80` is an alias in YAML, which is refused [try: \"[::]:80\"]"},
    {"Tag",
     "version: 1\n"
     "workers: !!int 1\n",
     "2:10 OR108 the tag `tag:yaml.org,2002:int` is refused [try: the value without it]"},
    {"LocalTag",
     "version: 1\n"
     "log: !x {level: info}\n",
     "2:6 OR108 the tag `!x` is refused [try: the value without it]"},
    {"DuplicateKey",
     "version: 1\n"
     "workers: 1\n"
     "log: {level: info, level: warn}\n"
     "workers: 2\n",
     "3:20 OR109 the key `level` stands here twice\n"
     "4:1 OR109 the key `workers` stands here twice"},
    {"ListAsAKey",
     "version: 1\n"
     "? [a]\n"
     ": b\n",
     "2:3 OR110 a key must be a text that is not empty"},
    {"EmptyKey",
     "version: 1\n"
     ": 1\n",
     "2:3 OR110 a key is missing here"},
    {"EnvironmentInAKey",
     "version: 1\n"
     "policies: {\"${NAME}\": {}}\n",
     "2:12 OR110 the environment is not put into keys: `${NAME}`"},
    {"NotUtf8", "version: 1 # \377\n", "1:14 OR111 this octet is not UTF-8 [try: the file saved as UTF-8]"},
    {"ControlCharacter", "version: 1\001\n", "1:11 OR111 a control character stands here"},
    {"NulCharacter", "version: 1\000\n"sv, "1:11 OR111 a control character stands here"},
    {"UnquotedIpv6",
     "version: 1\n"
     "listen: {admin: [::1]:15100}\n",
     "2:17 OR128 YAML reads the address `[::1]:15100` as a list: it needs quotes [try: \"[::1]:15100\"]"},
    {"UnquotedIpv6InALine",
     "version: 1\n"
     "listen:\n"
     "  admin: [::1]:15100\n",
     "3:10 OR128 YAML reads the address `[::1]:15100` as a list: it needs quotes [try: \"[::1]:15100\"]"},
    {"UnquotedIpv6InAList",
     "version: 1\n"
     "upstreams: {u: {endpoints: [[::1]:80]}}\n",
     "2:29 OR128 YAML reads the address `[::1]:80` as a list: it needs quotes [try: \"[::1]:80\"]"},
    {"Ipv6WithoutPortAndQuotes",
     "version: 1\n"
     "listen: {admin: [::1]}\n",
     "2:17 OR122 `admin` needs an address in quotes; here stands a list [try: admin: \"[::1]:8080\"]"},
    {"UnsetVariable",
     "version: 1\n"
     "workers: ${UNSET}\n",
     "2:10 OR135 the environment variable `UNSET` is not set [try: ${UNSET:-default}]"},
    {"VariableWithoutBrace",
     "version: 1\n"
     "workers: \"${PORT\"\n",
     "2:10 OR136 the `}` of `${` is missing [try: ${NAME}]"},
    {"BadVariableName",
     "version: 1\n"
     "workers: ${1X}\n",
     "2:10 OR136 `1X` is no name of an environment variable [try: ${NAME} or ${NAME:-default}; a dollar sign of its "
     "own is $$]"},
    {"OtherDefaultForm",
     "version: 1\n"
     "workers: ${PORT:+1}\n",
     "2:10 OR136 behind the name, only `:-` and a default may follow [try: ${PORT:-default}]"},
    {"VariableWithABadValue",
     "version: 1\n"
     "workers: ${BAD}\n",
     "2:10 OR126 `workers` needs a whole number in decimal digits; the environment makes it `abc`"},
    {"DefaultThatIsBad",
     "version: 1\n"
     "workers: ${EMPTY:-many}\n",
     "2:10 OR126 `workers` needs a whole number in decimal digits; the environment makes it `many`"},
    {"SecretsOfTheEnvironmentAreNotTold",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {headers: {x-a: \"${SECRET}\"}}, to: u, filters: [{headers: {request: {set: {authorization: \"Bearer "
     "${SECRET}\"}}}}]}\n",
     "4:27 OR130 `x-a` needs a value without space at its ends; its value comes from the environment\n"
     "4:101 OR130 `authorization` needs a value without space at its ends; its value comes from the environment"},
    {"LoneDollarIsNoVariable",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {match: {regex: /a$}, to: u}\n",
     ""},
    {"CrLfLinesCountOnce",
     "version: 1\r\n"
     "workers: 0\r\n",
     "2:10 OR131 `workers` is out of its range, 1 to 64 [try: workers: 1]"},
    {"ByteOrderMark",
     "\357\273\277version: 1\n"
     "workers: 0\n",
     "2:10 OR131 `workers` is out of its range, 1 to 64 [try: workers: 1]"},
};

}  // namespace

std::span<const Row> syntaxRows() {
  return kRows;
}

}  // namespace outrigger::config
