#include <algorithm>
#include <sstream>

#include "control/cli/spoken.h"
#include "control/doctor/checks.h"

namespace outrigger::control::doctor {
namespace {

struct ResolvConf {
  size_t servers = 0;
  size_t searches = 0;
  uint64_t dots = 1;
};

ResolvConf readResolvConf(const std::string& text) {
  constexpr uint64_t kMostDots = 15;
  ResolvConf read;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "nameserver") ++read.servers;
    if (key == "search") read.searches = 0;  // the last line counts
    for (std::string word; words >> word;) {
      if (key == "search") ++read.searches;
      if (key == "options" && word.starts_with("ndots:")) {
        read.dots = parseDecimal(Bytes(word).substr(6), kMostDots).value_or(1);
      }
    }
  }
  return read;
}

bool asksForNames(Exam& exam) {
  if (!exam.namedUpstreams().empty()) return true;
  return exam.collector() && !exam.collector()->isIp();
}

}  // namespace

Finding upstreamDns(Exam& exam) {
  const auto upstreams = exam.namedUpstreams();
  if (upstreams.empty()) return skipped("no upstream has `dns`");
  const auto& found = exam.lookUps();
  for (size_t i = 0; i < upstreams.size(); ++i) {
    if (!found[i].addresses.empty()) continue;
    return fail(
        "upstream " + upstreams[i]->name + ": " + upstreams[i]->dns->name + " gives no address: " + found[i].failure,
        "look the name up from here, in full (NAME.NAMESPACE.svc.cluster.local), and mend `dns`");
  }
  for (size_t i = 0; i < upstreams.size(); ++i) {
    if (found[i].addresses.size() > 1) continue;
    return warn("upstream " + upstreams[i]->name + ": " + upstreams[i]->dns->name + " gives one address alone, " +
                    found[i].addresses.front().hostText() +
                    ": behind a ClusterIP, ejection and balancing do not see the pods",
                "use a headless Service (clusterIP: None), or `kubernetes` instead of `dns`");
  }
  const auto hasName = [](const config::UpstreamModel& upstream) { return upstream.dns.has_value(); };
  const bool all = std::ranges::count_if(exam.model()->upstreams, hasName) == std::ssize(upstreams);
  return ok((all ? "" : "the first ") + cli::counted(upstreams.size(), "name") +
            (upstreams.size() == 1 ? " resolves" : " resolve") + " to several addresses" +
            (upstreams.size() == 1 ? "" : " each"));
}

Finding resolvConf(Exam& exam) {
  constexpr size_t kManySearches = 3;
  constexpr const char* kPath = "/etc/resolv.conf";
  const auto text = exam.machine().read(kPath);
  const ResolvConf read = readResolvConf(text.value_or(""));
  if (read.servers == 0) {
    const std::string what = std::string(kPath) + (text ? " names no name server" : " cannot be read: " + text.error());
    const std::string remedy = "a line `nameserver ADDRESS` in it; in a pod, dnsPolicy: ClusterFirst";
    if (asksForNames(exam)) return fail(what + ", and the config has names to look up", remedy);
    return warn(what + "; the config has no names to look up", remedy);
  }
  if (read.dots > 1 && read.searches > kManySearches) {
    return warn("a name with fewer than " + std::to_string(read.dots) + " dots is tried in " +
                    std::to_string(read.searches) + " search domains first: so many questions more for each look-up",
                "dnsConfig: {options: [{name: ndots, value: \"1\"}]} in the pod's spec, and full names in the config");
  }
  return ok(cli::counted(read.servers, "name server") + ", " + cli::counted(read.searches, "search domain"));
}

}  // namespace outrigger::control::doctor
