#include "config/code.h"

#include <algorithm>

namespace outrigger::config {
namespace {

constexpr CodeRow kCodes[] = {
    {Code::Syntax, "The text is not YAML from this place on."},
    {Code::Tab, "YAML indents with spaces; a tab has no agreed width and is refused."},
    {Code::EmptyFile, "The file holds no setting at all; the smallest file is the line `version: 1`."},
    {Code::TooLarge, "A config file has at most 10 MiB, and a line of it at most 1 MiB."},
    {Code::TooDeep, "Lists and maps stand in one another at most 64 deep."},
    {Code::SeveralDocuments, "A file holds one YAML document; what follows a second `---` would be ignored."},
    {Code::Alias,
     "Anchors (`&name`), aliases (`*name`) and merges (`<<`) are refused, so that every value stands where it is "
     "written; shared settings go into a policy."},
    {Code::Tag, "Tags such as `!!str` are refused: the type of a value follows from its key."},
    {Code::DuplicateKey, "A key stands twice in the same map, and one of the two values would be lost."},
    {Code::BadKey, "A key is a plain text: no list, no map, nothing from the environment, not empty."},
    {Code::BadOctet, "A config file is UTF-8 text without control characters."},
    {Code::UnknownKey, "No setting has this name here."},
    {Code::MissingKey, "A key that must be there is missing."},
    {Code::WrongKind, "The value has another form (one value, list or map) than the key needs."},
    {Code::NoValue,
     "Nothing stands behind the key; leave the line out for the default or write `none` to switch it off."},
    {Code::NotATime, "A time is whole numbers with the units h, m, s, ms, the larger first: 1h, 250ms, 1s500ms."},
    {Code::NotASize, "A size is a whole number with one of the units B, KiB, MiB, GiB."},
    {Code::NotANumber, "A whole number is decimal digits only: no sign, no leading 0, no 0x, no separators."},
    {Code::NotAPercent, "A percentage is a number from 0 to 100 without the sign %; it may have decimals."},
    {Code::NotAnAddress, "An address is IP:PORT, [IPv6]:PORT or unix:/path; names are not looked up in this version."},
    {Code::NotAWord, "The value is none of the words that the key knows."},
    {Code::BadText, "The text does not have the form that the key needs."},
    {Code::OutOfRange, "The value is smaller or larger than the key allows."},
    {Code::KeysExclude, "Of these keys, only one (or exactly one) may stand in the same map."},
    {Code::OtherVersion, "The file is written for another version of this format; this program reads version 1."},
    {Code::WrongCount, "The list or map has too few or too many entries."},
    {Code::EnvironmentUnset, "`${NAME}` names an environment variable that is not set, and gives no default."},
    {Code::EnvironmentForm,
     "The environment is asked for as `${NAME}` or `${NAME:-default}`; a dollar sign of its own is `$$`."},
    {Code::HeaderRefused, "This header may not be named here: it holds secrets, or it belongs to the proxy."},
    {Code::OutOfOrder, "The values of this list must ascend."},
    {Code::NotInThisVersion, "The setting belongs to the format, but this version of the program cannot do it yet."},
    {Code::UnknownPolicy, "No policy has this name."},
    {Code::UnknownUpstream, "No upstream has this name."},
    {Code::UnknownFilter, "No filter has this name."},
    {Code::ExtendsCycle, "The policies extend one another in a circle."},
    {Code::ReservedName, "The name stands for something else already."},
    {Code::SameHost, "Two upstreams would answer to the same host name."},
    {Code::SameRouteName, "Two routes have the same name; records and metrics could not tell them apart."},
    {Code::SameListener, "Two listeners would open the same address."},
    {Code::OwnListener, "The address is one of our own listeners: requests would go round in a circle."},
    {Code::SameEndpoint, "An upstream names the same address twice; give it a weight instead."},
    {Code::SameTarget, "A route names the same upstream twice; add up the weights instead."},
    {Code::NoWeight, "All weights are 0, so that no request could go anywhere."},
    {Code::NoApp, "The app is meant, but the file has no `app`."},
    {Code::NothingToReplace, "A prefix can be replaced only where the route matches by a prefix."},
    {Code::ImpossiblePair, "Two values written in the same map contradict each other."},
    {Code::NoIdentity, "TLS needs a certificate of this workload, and the file has no `identity`."},
    {Code::NoTrust, "Peers are to be verified, and no authorities are named to verify them against."},
    {Code::NotHttp, "An HTTP request is to go where plain bytes are tunnelled (`protocol: tcp`)."},
    {Code::NobodyIsVerified, "A rule names identities, but callers are never verified."},
    {Code::SameRuleName, "Two access rules have the same name; decisions could not tell them apart."},
    {Code::NeverMatches, "An earlier route, or access rule, takes every request that this one would."},
    {Code::CutByInherited, "A written value goes beyond one that is inherited; the smaller of the two counts."},
    {Code::NeverFires,
     "The setting never takes effect: another always comes first, or nothing is left that could set it off."},
    {Code::RepeatsUnsafe,
     "A method that is not idempotent may be sent twice: an order could be placed, a sum be paid, twice."},
    {Code::OpenToOthers,
     "A listener that is meant for the app or the operator alone can be reached from other machines."},
    {Code::BudgetForbids, "Retries are on, but the budget never lets one go."},
    {Code::UnusedPolicy, "Nothing uses this policy."},
    {Code::UnusedListener, "The listener is not opened, because it has nothing to serve."},
    {Code::NothingLeadsThere, "No listener leads to this upstream, so that nothing can reach it."},
    {Code::RefusesAll, "No rule allows anything, so that every call to the app is refused."},
    {Code::ProbesAtRoot,
     "`/` is a page of most apps: as a probe, requests for it pass without policies and are not counted."},
};

}  // namespace

std::span<const CodeRow> allCodes() {
  return kCodes;
}

std::string codeText(Code code) {
  return "OR" + std::to_string(static_cast<unsigned>(code));
}

const CodeRow* findCode(Bytes text) {
  const auto row =
      std::ranges::find_if(kCodes, [&](const CodeRow& r) { return equalsIgnoreCase(codeText(r.code), text); });
  return row == std::end(kCodes) ? nullptr : row;
}

}  // namespace outrigger::config
