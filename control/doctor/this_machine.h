// The machine that this program runs on.
#pragma once

#include "control/doctor/machine.h"

namespace outrigger::control::doctor {

class ThisMachine final : public Machine {
 public:
  std::expected<std::string, std::string> read(const std::string& path) override;
  std::optional<WallTime> modifiedAt(const std::string& path) override;
  std::vector<std::string> list(const std::string& folder) override;
  std::optional<std::string> linkTarget(const std::string& path) override;
  std::string absolute(const std::string& path) override;
  bool isFolder(const std::string& path) override;
  bool mayWriteIn(const std::string& folder) override;

  std::optional<std::string> environment(const std::string& name) override;
  WallTime now() override;
  uint32_t cpus() override;

  std::vector<Address> addresses() override;
  std::optional<std::string> cannotListen(const Address& address) override;
  std::vector<std::optional<std::string>> dialAll(const std::vector<Address>& addresses, Duration limit) override;
  std::vector<LookUp> lookUpAll(const std::vector<Question>& questions, Duration limit) override;
  PageAnswer page(const Address& admin, const std::string& target, Duration limit) override;
  std::expected<std::string, std::string> redirectRules() override;
};

}  // namespace outrigger::control::doctor
