#include "control/cli/redirect.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "control/cli/add_verbs.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"
#include "control/redirect/capability.h"
#include "control/redirect/listing.h"
#include "control/redirect/nftables.h"
#include "control/redirect/program.h"

namespace outrigger::control::cli {
namespace {

using redirect::Backend;
using redirect::Netfilter;
using redirect::Plan;
using Json = nlohmann::ordered_json;

constexpr const char* kNoTool =
    "neither nft nor iptables is installed: install nftables, or let --dry-run print the rules and load them elsewhere";
constexpr const char* kNoRight =
    "the kernel's rules are changed by who has CAP_NET_ADMIN only: run this as root (in a pod: an init container with "
    "runAsUser 0 and the capability NET_ADMIN)";

int fail(int code, const std::string& what, const RedirectOptions& options) {
  return cli::fail("redirect", code, what, options.json);
}

bool mayChange() {
  std::ifstream file("/proc/self/status");
  std::ostringstream status;
  status << file.rdbuf();
  return redirect::mayChangeNetwork(status.str());
}

const char* word(Backend backend) {
  return backend == Backend::Nftables ? "nftables" : "iptables";
}

Json toJson(const std::vector<redirect::PortRange>& ranges) {
  Json list = Json::array();
  for (const auto& range : ranges) list.push_back(range.text());
  return list;
}

Json toJson(const Plan& plan, Backend backend) {
  Json networks = Json::array();
  for (const auto& network : redirect::withoutOverlaps(plan.skipNetworks)) networks.push_back(network.text());
  const auto port = [](uint16_t number) { return number == 0 ? Json() : Json(number); };
  return {{"with", word(backend)},
          {"uid", plan.uid},
          {"gid", plan.gid},
          {"inbound_port", port(plan.inboundPort)},
          {"outbound_port", port(plan.outboundPort)},
          {"skipped_inbound_ports", toJson(redirect::skippedInbound(plan))},
          {"skipped_outbound_ports", toJson(redirect::skippedOutbound(plan))},
          {"skipped_cidrs", networks},
          {"rules", redirect::rulesText(plan, backend)}};
}

std::string sentence(const Plan& plan, Backend backend) {
  std::string text;
  if (plan.inboundPort != 0) text += "inbound TCP goes to port " + std::to_string(plan.inboundPort);
  if (plan.inboundPort != 0 && plan.outboundPort != 0) text += ", ";
  if (plan.outboundPort != 0) {
    text += "outbound TCP of all but uid " + std::to_string(plan.uid) + " to port " + std::to_string(plan.outboundPort);
  }
  return text + " (" + word(backend) + ")\n";
}

std::expected<Netfilter::Applied, std::string> applyWith(const Netfilter& netfilter, const Plan& plan,
                                                         std::optional<Backend> wanted) {
  if (!wanted) return netfilter.applyByAny(plan);
  if (auto applied = netfilter.apply(plan, *wanted); !applied) return std::unexpected(applied.error());
  return Netfilter::Applied{*wanted};
}

int apply(const RedirectOptions& options) {
  const auto plan = planOf(options);
  if (!plan) return fail(kUnusable, plan.error(), options);
  const Netfilter netfilter(redirect::programFolders());
  std::optional<Backend> backend = netfilter.backend();
  if (!options.with.empty()) backend = options.with == "iptables" ? Backend::Iptables : Backend::Nftables;
  if (options.dryRun) {
    const Backend shown = backend.value_or(Backend::Nftables);
    Json report = toJson(*plan, shown);
    report["dry_run"] = true;
    print(options.json ? jsonText(report) : redirect::rulesText(*plan, shown));
    return kOk;
  }
  if (!backend) return fail(kFinding, kNoTool, options);
  if (!mayChange()) return fail(kFinding, kNoRight, options);
  const auto applied = applyWith(netfilter, *plan, options.with.empty() ? std::nullopt : backend);
  if (!applied) return fail(kFinding, applied.error(), options);
  if (!applied->warning.empty()) std::fprintf(stderr, "outrigger redirect: %s\n", applied->warning.c_str());
  backend = applied->backend;
  print(options.json ? jsonText(toJson(*plan, *backend)) : sentence(*plan, *backend));
  return kOk;
}

std::string sentence(const Netfilter::Removed& removed) {
  if (!removed.any) return "nothing was redirected\n";
  if (!removed.left) return "nothing is redirected any more\n";
  std::string who = "connections that were may be open";
  if (removed.connections == 1U) who = "one connection that was is open";
  if (removed.connections > 1U) who = std::to_string(*removed.connections) + " connections that were are open";
  return "nothing more is redirected; " + who +
         ", and rules stay that keep them: run this again later, or with --now\n";
}

int remove(const RedirectOptions& options) {
  if (options.dryRun) {
    const std::string rules = redirect::nftablesGone();
    print(options.json ? jsonText({{"dry_run", true}, {"rules", rules}}) : rules);
    return kOk;
  }
  const Netfilter netfilter(redirect::programFolders());
  if (!netfilter.backend()) return fail(kFinding, kNoTool, options);
  if (!mayChange()) return fail(kFinding, kNoRight, options);
  const auto removed = netfilter.remove(options.now);
  if (!removed) return fail(kFinding, removed.error(), options);
  const Json report{{"removed", removed->any},
                    {"left", removed->left},
                    {"open_connections", removed->connections ? Json(*removed->connections) : Json()}};
  print(options.json ? jsonText(report) : sentence(*removed));
  return kOk;
}

int show(const RedirectOptions& options) {
  const Netfilter netfilter(redirect::programFolders());
  if (!netfilter.backend()) return fail(kFinding, kNoTool, options);
  if (!mayChange()) return fail(kFinding, kNoRight, options);
  const auto rules = netfilter.show();
  if (!rules) return fail(kFinding, rules.error(), options);
  const bool redirecting = redirect::redirects(*rules);
  if (options.json) print(jsonText({{"redirecting", redirecting}, {"rules", *rules}}));
  if (!options.json) print(*rules + (redirecting ? "" : "nothing is redirected\n"));
  return redirecting ? kOk : kFinding;
}

using Verb = int (*)(const RedirectOptions& options);

void addPlanOptions(CLI::App& verb, RedirectOptions& options) {
  verb.add_option("--config", options.config, "Take ports and skips from the sidecar's config file")->type_name("FILE");
  verb.add_option("--uid", options.uid, "The sidecar's user: its connections are left alone")->capture_default_str();
  verb.add_option("--gid", options.gid, "The sidecar's group: likewise (default: as the uid)");
  verb.add_option("--inbound-port", options.inboundPort, "Of the listener for what others call, or none [15106]");
  verb.add_option("--outbound-port", options.outboundPort, "Of the listener for what the app calls, or none [15101]");
  verb.add_option("--skip-inbound-ports", options.skipInboundPorts,
                  "Ports that stay reachable as they are: 22,8000-8010")
      ->delimiter(',');
  verb.add_option("--skip-outbound-ports", options.skipOutboundPorts, "Ports that the app calls by itself")
      ->delimiter(',');
  verb.add_option("--skip-cidrs", options.skipCidrs, "Networks that the app calls by itself: 10.0.0.0/8,fd00::/8")
      ->delimiter(',');
  verb.add_option("--with", options.with, "nftables or iptables (default: nftables where it is installed)")
      ->check(CLI::IsMember({"nftables", "iptables"}));
}

CLI::App& addVerb(CLI::App& parent, const char* name, const char* what, std::shared_ptr<RedirectOptions> options,
                  Verb verb, std::function<int()>& action) {
  CLI::App* app = parent.add_subcommand(name, what);
  app->add_flag("--json", options->json, "Print JSON");
  app->callback([options, verb, &action] { action = [options, verb] { return verb(*options); }; });
  return *app;
}

}  // namespace

void addRedirect(CLI::App& app, std::function<int()>& action) {
  CLI::App* redirect = app.add_subcommand("redirect", "Bring the connections of this network namespace to the sidecar");
  redirect->require_subcommand(1);
  redirect->footer("Example: outrigger redirect show");
  const auto options = std::make_shared<RedirectOptions>();
  CLI::App& applying =
      addVerb(*redirect, "apply", "Load the rules, instead of those that are loaded", options, apply, action);
  addPlanOptions(applying, *options);
  applying.add_flag("--dry-run", options->dryRun, "Only print the rules");
  applying.footer(
      "Example: outrigger redirect apply --uid 15100\n"
      "Exit code: 0 loaded, 1 the kernel or the machine refuses, 2 wrong usage.");
  CLI::App& removing = addVerb(*redirect, "remove", "Redirect nothing more", options, remove, action);
  removing.add_flag("--now", options->now, "Cut connections that were redirected, instead of leaving them");
  removing.add_flag("--dry-run", options->dryRun, "Only print what would be loaded");
  removing.footer(
      "Example: outrigger redirect remove\n"
      "Exit code: 0 removed, or there was nothing, 1 the kernel or the machine refuses.");
  CLI::App& showing = addVerb(*redirect, "show", "Print the rules that are loaded", options, show, action);
  showing.footer(
      "Example: outrigger redirect show\n"
      "Exit code: 0 connections are redirected, 1 none are.");
}

}  // namespace outrigger::control::cli
