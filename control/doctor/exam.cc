#include "control/doctor/exam.h"

#include <algorithm>

namespace outrigger::control::doctor {
namespace {

void addOnce(std::vector<Address>& all, const Address& address) {
  if (std::ranges::count(all, address) == 0) all.push_back(address);
}

}  // namespace

const std::map<std::string, ListenerPlan>& Exam::listeners() {
  if (!listeners_) listeners_ = planListeners(*model());
  return *listeners_;
}

const std::vector<Process>& Exam::processes() {
  if (!processes_) processes_ = processesOf(machine_);
  return *processes_;
}

const Process* Exam::sidecar() {
  std::vector<const Process*> all;
  for (const Process& process : processes()) {
    if (process.isSidecar()) all.push_back(&process);
  }
  if (all.size() <= 1) return all.empty() ? nullptr : all.front();
  const auto& json = status().json;
  const bool tells = json && json->contains("pid") && (*json)["pid"].is_number_integer();
  for (const Process* process : all) {
    const bool answers = tells && process->pid == (*json)["pid"].get<int64_t>();
    if (answers || (!tells && optionOf(*process, "config") == subject_.path)) return process;
  }
  return nullptr;
}

const Exam::Status& Exam::status() {
  if (status_) return *status_;
  status_ = Status{machine_.page(subject_.admin, "/api/status", kPageLimit), std::nullopt};
  if (!status_->answer.text) return *status_;
  auto json = nlohmann::json::parse(*status_->answer.text, nullptr, false);
  const bool isSidecar = json.is_object() && json.contains("version") && json["version"].is_string();
  if (isSidecar) status_->json = std::move(json);
  return *status_;
}

Exam::Endpoints Exam::endpoints() const {
  Endpoints found;
  for (const config::UpstreamModel& upstream : model()->upstreams) {
    for (const config::EndpointModel& endpoint : upstream.endpoints) addOnce(found.addresses, endpoint.dial);
  }
  found.all = found.addresses.size();
  found.addresses.resize(std::min(found.all, kMostAtOnce));
  return found;
}

std::vector<Address> Exam::appAddresses() const {
  std::vector<Address> all;
  if (!model()->app) return all;
  all.push_back(model()->app->address);
  for (const config::AppPortModel& port : model()->app->morePorts) addOnce(all, port.address);
  return all;
}

std::optional<Address> Exam::collector() const {
  const auto& tracing = model()->tracing;
  if (!tracing) return std::nullopt;
  const bool six = tracing->host.find(':') != std::string::npos;
  const auto address =
      Address::parse((six ? "[" + tracing->host + "]" : tracing->host) + ":" + std::to_string(tracing->port));
  return address && address->isIp() ? *address : Address::named(tracing->host, tracing->port);
}

const std::optional<std::string>& Exam::unreachable(const Address& address) {
  if (!dialled_) {
    std::vector<Address> all = appAddresses();
    for (const Address& endpoint : endpoints().addresses) addOnce(all, endpoint);
    if (const auto spans = collector()) addOnce(all, *spans);
    const auto answers = machine_.dialAll(all, kDialLimit);
    dialled_.emplace();
    for (size_t i = 0; i < all.size(); ++i) (*dialled_)[all[i].text()] = answers[i];
  }
  return dialled_->at(address.text());
}

std::vector<const config::UpstreamModel*> Exam::namedUpstreams() const {
  std::vector<const config::UpstreamModel*> all;
  for (const config::UpstreamModel& upstream : model()->upstreams) {
    if (upstream.dns && all.size() < kMostAtOnce) all.push_back(&upstream);
  }
  return all;
}

const std::vector<LookUp>& Exam::lookUps() {
  if (lookUps_) return *lookUps_;
  std::vector<Question> questions;
  for (const config::UpstreamModel* upstream : namedUpstreams()) {
    questions.push_back({upstream->dns->name, upstream->dns->port});
  }
  lookUps_ = questions.empty() ? std::vector<LookUp>() : machine_.lookUpAll(questions, kLookUpLimit);
  return *lookUps_;
}

}  // namespace outrigger::control::doctor
