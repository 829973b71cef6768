#include "control/explain/reception.h"

#include <algorithm>

#include "proxy/exchange/reply_table.h"
#include "proxy/policy/access.h"

namespace outrigger::control::explain {
namespace {

std::string answered(Reason reason) {
  const exchange::ReplyRow& row = exchange::replyRow(reason);
  return "answered with " + std::to_string(row.status) + ", reason " + std::string(row.word);
}

bool isProbe(const config::Model& model, const http::RequestHead& head) {
  if (head.method != http::Method::Get && head.method != http::Method::Head) return false;
  const std::string target = std::string(head.path) + std::string(head.query);
  return std::ranges::find(model.app->probes, target) != model.app->probes.end();
}

std::string byWhat(const policy::AccessDecision& decision) {
  return decision.rule.empty() ? "for no rule takes it" : "by the rule `" + std::string(decision.rule) + "`";
}

void admit(const policy::AccessSettings& access, const AskedRequest& asked, Reception& reception) {
  const std::string& identity = asked.identity();
  const policy::AccessTable table(access);
  const policy::AccessDecision decision = table.decide(identity, asked.head());
  const std::string who = identity.empty() ? "a caller without an identity" : "this caller";
  if (decision.allowed) return reception.notes.push_back("access: " + who + " is allowed, " + byWhat(decision));
  if (access.mode == policy::Mode::Observe) {
    return reception.notes.push_back("access: " + who + " would be refused, " + byWhat(decision) + " (mode: observe)");
  }
  reception.outcome = "refused by `access`, " + byWhat(decision) + ": " +
                      answered(identity.empty() ? Reason::Unauthenticated : Reason::Denied);
  const bool othersMay = std::ranges::any_of(
      access.rules, [](const policy::AccessRule& rule) { return rule.allow && !rule.identities.empty(); });
  if (identity.empty() && othersMay) reception.notes.emplace_back("rules name identities: --as SPIFFE-ID asks for one");
}

// All that arrives there goes to that upstream, whatever it names.
void findOwnPort(const config::Model& model, const AskedRequest& asked, Reception& reception) {
  const auto address = Address::parse(std::string(asked.head().authority));
  if (!address) return;
  for (size_t i = 0; i < model.upstreams.size(); ++i) {
    const config::UpstreamModel& upstream = model.upstreams[i];
    if (upstream.listen != *address) continue;
    if (upstream.protocol == Protocol::Tcp) {
      reception.outcome = "arrives at the own port of `" + upstream.name + "` and is passed on as plain TCP";
      return;
    }
    reception.notes.push_back("it arrives at the own port of `" + upstream.name + "`: no route is asked");
    const auto own = std::ranges::find_if(model.routes, [i](const config::RouteModel& route) {
      const auto* to = std::get_if<config::ToModel>(&route.action);
      return route.implicit && to != nullptr && to->targets.front().upstream == i;
    });
    if (own != model.routes.end()) reception.route = static_cast<size_t>(own - model.routes.begin());
    return;
  }
}

}  // namespace

Reception receive(const config::Model& model, const AskedRequest& asked) {
  Reception reception;
  if (asked.targetBytes() > model.http.targetBytes) {
    reception.outcome =
        answered(Reason::UriTooLong) + ": `http.targetBytes` is " + std::to_string(model.http.targetBytes);
  } else if (asked.direction() == Direction::Outbound) {
    findOwnPort(model, asked, reception);
  } else if (model.app && isProbe(model, asked.head())) {
    reception.outcome = "a health probe of `app.probes`: passed to the app without policies, and not counted";
  } else if (model.access) {
    admit(*model.access, asked, reception);
  }
  return reception;
}

}  // namespace outrigger::control::explain
