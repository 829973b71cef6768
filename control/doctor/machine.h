// The machine, or the pod, as the doctor's checks see it: files, what /proc tells, sockets, the DNS, the clock. A test
// puts one of its own in its place. Calls block, each for a bounded time; nothing on the machine is changed by them.
// One thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/address.h"
#include "proxy/base/time.h"

namespace outrigger::control::doctor {

/// A name to be looked up; the port 0 asks for its SRV records.
struct Question {
  std::string name;
  uint16_t port = 0;
};

struct LookUp {
  std::vector<Address> addresses;  ///< empty: there is a failure
  std::string failure;             ///< a clause
};

/// What an admin listener has answered.
struct PageAnswer {
  bool connected = false;           ///< somebody took the connection
  std::optional<std::string> text;  ///< of a 200
  std::string why;                  ///< a clause: why there is no text
};

class Machine {
 public:
  virtual ~Machine() = default;

  // Files. Errors are clauses: "No such file or directory".

  /// The whole of it, or an error: of at most 16 MiB, which is more than a config may have.
  virtual std::expected<std::string, std::string> read(const std::string& path) = 0;
  virtual std::optional<WallTime> modifiedAt(const std::string& path) = 0;
  /// The names in a folder; empty where it cannot be read.
  virtual std::vector<std::string> list(const std::string& folder) = 0;
  /// Where a link leads; nullopt: it is none, or may not be looked at.
  virtual std::optional<std::string> linkTarget(const std::string& path) = 0;
  /// Absolute, with the links of its folder resolved, but not that of the file itself.
  virtual std::string absolute(const std::string& path) = 0;
  virtual bool isFolder(const std::string& path) = 0;
  virtual bool mayWriteIn(const std::string& folder) = 0;

  // The process, and what it runs on.

  virtual std::optional<std::string> environment(const std::string& name) = 0;
  virtual WallTime now() = 0;
  virtual uint32_t cpus() = 0;

  // The network.

  /// Of every interface that is up, with the port 0.
  virtual std::vector<Address> addresses() = 0;
  /// Why an address cannot be listened on; nullopt: it can. Nobody can connect to it meanwhile.
  virtual std::optional<std::string> cannotListen(const Address& address) = 0;
  /// Connects to all at once, and leaves at once. For each: why it did not work within `limit`; nullopt: it did.
  virtual std::vector<std::optional<std::string>> dialAll(const std::vector<Address>& addresses, Duration limit) = 0;
  /// Looks all up at once.
  virtual std::vector<LookUp> lookUpAll(const std::vector<Question>& questions, Duration limit) = 0;
  /// GET at an admin listener.
  virtual PageAnswer page(const Address& admin, const std::string& target, Duration limit) = 0;
  /// The rules of ours that the kernel has; empty: none. The error says why they cannot be listed.
  virtual std::expected<std::string, std::string> redirectRules() = 0;
};

}  // namespace outrigger::control::doctor
