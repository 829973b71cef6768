#include "control/doctor/exam.h"

#include <algorithm>
#include <set>

namespace outrigger::control::doctor {
namespace {

// Addresses, each once.
class Once {
 public:
  void add(const Address& address) {
    if (seen_.insert(address.text()).second) all_.push_back(address);
  }
  std::vector<Address> take() { return std::move(all_); }

 private:
  std::set<std::string> seen_;
  std::vector<Address> all_;
};

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
  std::vector<const Process*> candidates;
  const auto& json = status().json;
  const bool tells = json && json->contains("pid") && (*json)["pid"].is_number_integer();
  for (const Process& process : processes()) {
    if (!process.isSidecar()) continue;
    if (tells && process.pid == (*json)["pid"].get<int64_t>()) return &process;
    if (mayRunThis(process)) candidates.push_back(&process);
  }
  return candidates.size() == 1 ? candidates.front() : nullptr;
}

bool Exam::isExamined(const Process& process) {
  const Process* one = sidecar();
  return one != nullptr ? one->pid == process.pid : process.isSidecar() && mayRunThis(process);
}

bool Exam::mayRunThis(const Process& process) {
  if (process.isDemo()) return false;  // it has a config of its own
  const std::string path = pathOption(machine_, process, "config");
  return path.empty() || machine_.absolute(path) == machine_.absolute(subject_.path);
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
  Once once;
  for (const config::UpstreamModel& upstream : model()->upstreams) {
    for (const config::EndpointModel& endpoint : upstream.endpoints) once.add(endpoint.dial);
  }
  Endpoints found{.addresses = once.take()};
  found.all = found.addresses.size();
  found.addresses.resize(std::min(found.all, kMostAtOnce));
  return found;
}

std::vector<Address> Exam::appAddresses() const {
  Once once;
  if (!model()->app) return {};
  once.add(model()->app->address);
  for (const config::AppPortModel& port : model()->app->morePorts) once.add(port.address);
  return once.take();
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
    Once once;
    for (const Address& app : appAddresses()) once.add(app);
    for (const Address& endpoint : endpoints().addresses) once.add(endpoint);
    if (const auto spans = collector()) once.add(*spans);
    const std::vector<Address> all = once.take();
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
