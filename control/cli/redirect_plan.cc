#include "control/cli/redirect.h"
#include "control/config_file.h"
#include "control/listener_table.h"

namespace outrigger::control::cli {
namespace {

using redirect::Plan;
using redirect::PortRange;

/// Makes a plan, and gathers what is wrong with the words that it is made of.
class PlanReader {
 public:
  void readConfig(const std::string& path) {
    const auto file = readConfigFile(path);
    if (!file) return complain(file.error());
    const config::LoadResult loaded = loadConfig(*file);
    if (loaded.model == nullptr) return complain(renderAll(loaded.diagnostics));
    if (!loaded.model->redirect.enabled) {
      complain(path +
               ": redirect.enabled is false, so the sidecar would not ask where connections were going: try true");
    }
    takeListeners(*loaded.model);
    for (const uint16_t port : loaded.model->redirect.skipPorts) {
      plan_.skipInboundPorts.push_back({port, port});
      plan_.skipOutboundPorts.push_back({port, port});
    }
    readNetworks("redirect.skipCidrs", loaded.model->redirect.skipCidrs);
  }

  void readPort(const char* option, const std::string& text, uint16_t& port) {
    if (text.empty()) return;
    if (text == "none") {
      port = 0;
      return;
    }
    const auto number = parseDecimal(text, 65535);
    if (!number || *number == 0) return complain(option, "`" + text + "` is no port: try 15106, or none");
    port = static_cast<uint16_t>(*number);
  }

  void readRanges(const char* option, const std::vector<std::string>& texts, std::vector<PortRange>& ranges) {
    for (const std::string& text : texts) {
      const auto range = redirect::parsePorts(text);
      if (range) ranges.push_back(*range);
      if (!range) complain(option, range.error());
    }
  }

  void readNetworks(const char* option, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const auto network = redirect::parseNetwork(text);
      if (network) plan_.skipNetworks.push_back(*network);
      if (!network) complain(option, network.error());
    }
  }

  void checkPorts() {
    if (plan_.inboundPort == 0 && plan_.outboundPort == 0) {
      complain("nothing is redirected: name a port for one of --inbound-port and --outbound-port");
    }
    if (plan_.inboundPort == plan_.outboundPort && plan_.inboundPort != 0) {
      complain("--inbound-port and --outbound-port are both " + std::to_string(plan_.inboundPort) +
               ": each listener has a port of its own");
    }
  }

  Plan& plan() { return plan_; }
  const std::string& complaints() const { return complaints_; }

 private:
  void complain(const std::string& what) {
    complaints_ += what;
    if (!what.ends_with('\n')) complaints_ += '\n';
  }
  void complain(const char* option, const std::string& what) { complain(std::string(option) + ": " + what); }

  // A listener that there is not gets nothing; what is opened elsewhere is reached as it is.
  void takeListeners(const config::Model& model) {
    plan_.inboundPort = 0;
    plan_.outboundPort = 0;
    for (const auto& [name, listener] : planListeners(model)) {
      if (!listener.address.isIp() || listener.address.port() == 0) continue;
      const uint16_t port = listener.address.port();
      plan_.ownPorts.push_back({port, port});
      if (name == "inbound") plan_.inboundPort = port;
      if (name == "outbound") plan_.outboundPort = port;
    }
  }

  Plan plan_;
  std::string complaints_;
};

}  // namespace

std::expected<Plan, std::string> planOf(const RedirectOptions& options) {
  PlanReader reader;
  Plan& plan = reader.plan();
  if (!options.config.empty()) reader.readConfig(options.config);
  plan.uid = options.uid;
  plan.gid = options.gid.value_or(options.uid);
  reader.readPort("--inbound-port", options.inboundPort, plan.inboundPort);
  reader.readPort("--outbound-port", options.outboundPort, plan.outboundPort);
  reader.readRanges("--skip-inbound-ports", options.skipInboundPorts, plan.skipInboundPorts);
  reader.readRanges("--skip-outbound-ports", options.skipOutboundPorts, plan.skipOutboundPorts);
  reader.readNetworks("--skip-cidrs", options.skipCidrs);
  if (reader.complaints().empty()) reader.checkPorts();
  if (!reader.complaints().empty()) return std::unexpected(reader.complaints());
  return plan;
}

}  // namespace outrigger::control::cli
