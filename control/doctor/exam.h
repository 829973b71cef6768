// One examination: the machine, what is examined on it, and what several checks want to know, found out once and when
// it is first wanted. One thread.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/cli/checked_file.h"
#include "control/doctor/finding.h"
#include "control/doctor/processes.h"
#include "control/listener_table.h"

namespace outrigger::control::doctor {

struct Subject {
  std::string path;                                   ///< of the config file
  std::expected<cli::CheckedFile, std::string> file;  ///< the error: it cannot be read
  Address admin;                                      ///< of the running sidecar
  std::optional<std::string> stateFolder;
  std::string serviceAccount;  ///< a folder
};

class Exam {
 public:
  static constexpr size_t kMostAtOnce = 32;  ///< addresses that are dialled, or names that are looked up
  static constexpr Duration kDialLimit = 1s;
  static constexpr Duration kLookUpLimit = 2s;
  static constexpr Duration kPageLimit = 1500ms;

  /// Both outlive it.
  Exam(Machine& machine, const Subject& subject) : machine_(machine), subject_(subject) {}

  Machine& machine() const { return machine_; }
  const Subject& subject() const { return subject_; }
  /// nullptr: the file cannot be read, or has errors.
  const config::Model* model() const { return subject_.file ? subject_.file->loaded.model.get() : nullptr; }
  bool inKubernetes() const { return machine_.environment("KUBERNETES_SERVICE_HOST").has_value(); }

  /// By name, as the config wants them. Only with a model.
  const std::map<std::string, ListenerPlan>& listeners();
  const std::vector<Process>& processes();
  /// The sidecar that answers, or else the only one that may have this config file; nullptr: none is seen.
  const Process* sidecar();
  /// Whether a process is that one; where none is seen, whether it may have this config file.
  bool isExamined(const Process& process);

  /// What the admin listener says of itself.
  struct Status {
    PageAnswer answer;
    std::optional<nlohmann::json> json;  ///< nullopt: nobody answered, or in another way than a sidecar does
  };
  const Status& status();

  /// The first of the endpoints that the file itself names, each address once, as they are dialled; and how many there
  /// are. Only with a model.
  struct Endpoints {
    std::vector<Address> addresses;
    size_t all = 0;
  };
  Endpoints endpoints() const;
  /// The app's addresses.
  std::vector<Address> appAddresses() const;
  /// The collector of spans; nullopt: none.
  std::optional<Address> collector() const;
  /// Why no connection to one of all these can be made; nullopt: it can.
  const std::optional<std::string>& unreachable(const Address& address);

  /// The upstreams that are looked up in the DNS, at most kMostAtOnce, and what was found for each, in the same order.
  std::vector<const config::UpstreamModel*> namedUpstreams() const;
  const std::vector<LookUp>& lookUps();

 private:
  /// Whether a sidecar may be the one of this config file.
  bool mayRunThis(const Process& process);

  Machine& machine_;
  const Subject& subject_;
  std::optional<std::map<std::string, ListenerPlan>> listeners_;
  std::optional<std::vector<Process>> processes_;
  std::optional<Status> status_;
  std::optional<std::map<std::string, std::optional<std::string>>> dialled_;  // by address
  std::optional<std::vector<LookUp>> lookUps_;
};

}  // namespace outrigger::control::doctor
