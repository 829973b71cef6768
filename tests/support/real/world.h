// A world of real sockets: the real binary, scripted upstreams, callers. A scenario reads the same here and in virtual
// time (tests/support/sim/world.h):
//
//   World world;
//   auto& orders = world.upstream("orders").replies(503).then(200);
//   auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
//   EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
//   EXPECT_EQ(orders.hits(), 2);
//
// Every port is chosen by the kernel, and all waiting is for a condition, with a deadline.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/direction.h"
#include "tests/support/real/client.h"
#include "tests/support/real/process.h"
#include "tests/support/real/upstream.h"

namespace outrigger::real {

class World;

/// A folder under the system's temporary one; gone with its owner.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void writeFile(const std::filesystem::path& file, const std::string& text);
std::string readFile(const std::filesystem::path& file);

/// A running `outrigger run`, ready to serve.
class Sidecar {
 public:
  struct Options {
    /// Where its config already is; else it gets a file in a folder of its own.
    std::optional<std::filesystem::path> configFile;
    std::optional<unsigned> descriptors;  ///< RLIMIT_NOFILE
    std::vector<std::string> arguments;   ///< more, behind `run --config FILE`
    bool fullStdout = false;              ///< a full pipe that nobody reads
  };

  Sidecar(World& world, const std::string& yaml, const Options& options);

  test::SeenResponse get(const std::string& host, const std::string& target, test::Headers headers = {});
  test::SeenResponse post(const std::string& host, const std::string& target, const std::string& body,
                          test::Headers headers = {});
  test::SeenResponse request(const std::string& method, const std::string& host, const std::string& target,
                             test::Headers headers = {}, const std::string& body = "",
                             Direction direction = Direction::Outbound);

  /// A listener's real address: "outbound", "inbound", "admin", "telemetry", "upstream NAME".
  Address address(const std::string& listener) const;
  Client connect(Direction direction = Direction::Outbound) const;
  test::SeenResponse page(const std::string& path, const std::string& listener = "admin") const;
  nlohmann::json json(const std::string& path) const;

  const std::filesystem::path& configFile() const { return configFile_; }
  /// Writes another config in place, as an editor does; `${NAME}` stands for an upstream, as at the start.
  void write(const std::string& yaml);
  /// What write() would write.
  std::string complete(const std::string& yaml) const;

  /// Log lines with that event so far.
  std::vector<nlohmann::json> events(const std::string& event) const;
  /// Waits until that many lines with the event have been logged.
  bool waitForEvents(const std::string& event, size_t count = 1, Deadline deadline = soon());

  Process& process() { return *process_; }
  size_t residentBytes() const;
  size_t openDescriptors() const;

 private:
  std::vector<std::string> command(const Options& options) const;

  World& world_;
  TemporaryFolder folder_;
  std::filesystem::path configFile_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Client> shared_;  // the keep-alive connection that get() and its like use
};

class World {
 public:
  Upstream& upstream(const std::string& name);
  /// `version: 1` may be left out; without `listen`, every listener is at a free port of 127.0.0.1.
  Sidecar& sidecar(const std::string& yaml, const Sidecar::Options& options = {});
  /// Puts addresses for `${NAME}`, and adds what may be left out.
  std::string complete(const std::string& yaml) const;

 private:
  std::map<std::string, std::unique_ptr<Upstream>> upstreams_;
  std::vector<std::unique_ptr<Sidecar>> sidecars_;
};

}  // namespace outrigger::real
