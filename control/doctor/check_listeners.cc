#include <algorithm>
#include <sstream>

#include "control/cli/spoken.h"
#include "control/doctor/checks.h"
#include "control/doctor/sockets.h"
#include "control/own_addresses.h"

namespace outrigger::control::doctor {
namespace {

std::string named(const std::string& name, const Address& address) {
  return "listener " + name + " (" + address.text() + ")";
}

bool anyPort(const Address& address) {
  return address.isIp() && address.port() == 0;
}

// Where the descriptors of a sidecar cannot be looked into (it forbids that), itself or its user still tell.
bool isOfSidecar(Exam& exam, const Listening& socket) {
  if (const auto& json = exam.status().json; json && json->contains("listeners") && (*json)["listeners"].is_object()) {
    for (const auto& [name, text] : (*json)["listeners"].items()) {
      if (!text.is_string()) continue;
      const auto address = Address::parse(text.get_ref<const std::string&>());
      if (address && overlap(*address, socket.address)) return true;
    }
  }
  return socket.uid && std::ranges::any_of(exam.processes(), [&](const Process& process) {
           return process.uid == *socket.uid && exam.isExamined(process);
         });
}

struct Standing {
  bool free = false;
  bool ours = false;
  Finding trouble{};  // where it is neither
};

Standing standingOf(Exam& exam, const std::string& name, const Address& address) {
  const auto why = exam.machine().cannotListen(address);
  if (!why) return {.free = true};
  const auto socket = inTheWayOf(exam.machine(), address);
  if (!socket) {
    return {.trouble = fail(named(name, address) + " cannot be opened: " + *why,
                            "name an address of this machine that the sidecar's user may open, or `none`")};
  }
  const auto holder = holderOf(exam.machine(), *socket, exam.processes());
  // Another sidecar, such as a demo that was forgotten, is in the way like anybody else.
  if (holder ? exam.isExamined(*holder) : isOfSidecar(exam, *socket)) return {.ours = true};
  const std::string who = holder        ? called(*holder)
                          : socket->uid ? "a process of uid " + std::to_string(*socket->uid)
                                        : std::string("another process");
  return {.trouble = fail(named(name, address) + " cannot be opened: " + who + " listens on " + socket->address.text(),
                          "end that process, or give the listener another address in the config")};
}

// What the file says is a mistake whichever listener it names. The DNS may well tell our own pod among others: a call
// that comes to our inbound side goes on to the app, and to nobody else.
bool isLoopedBy(const std::string& name, bool written) {
  return written || !name.starts_with("inbound");
}

// The listeners that calls from here may come to, by address; the first by name where several share one.
class Circles {
 public:
  explicit Circles(Exam& exam) {
    const std::vector<Address> machine = exam.machine().addresses();
    for (const auto& [name, plan] : exam.listeners()) {
      if (anyPort(plan.address)) continue;
      add(name, plan.address, plan.address);
      for (const Address& own : ownAddresses({{name, plan.address}}, machine)) add(name, plan.address, own);
    }
  }

  /// What a call to `to` comes to, and makes a circle; nullopt: none. `written`: the file names it.
  std::optional<std::string> through(const Address& to, bool written) const {
    const auto& listeners = written ? all_ : butInbound_;
    for (const Address& address : {to, to.unmapped()}) {
      if (const auto found = listeners.find(address.text()); found != listeners.end()) return found->second;
    }
    return std::nullopt;
  }

 private:
  void add(const std::string& name, const Address& listens, const Address& reached) {
    all_.emplace(reached.text(), named(name, listens));
    if (isLoopedBy(name, false)) butInbound_.emplace(reached.text(), named(name, listens));
  }

  std::map<std::string, std::string> all_;
  std::map<std::string, std::string> butInbound_;
};

struct Ports {
  uint64_t first = 0;
  uint64_t last = 0;
};

std::optional<Ports> localPorts(Machine& machine) {
  std::istringstream words(machine.read("/proc/sys/net/ipv4/ip_local_port_range").value_or(""));
  Ports ports;
  if (!(words >> ports.first >> ports.last) || ports.last < ports.first) return std::nullopt;
  return ports;
}

// "15100-15110,15190".
bool isReserved(const std::string& list, uint64_t port) {
  std::istringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    std::istringstream numbers(part);
    uint64_t first = 0;
    if (!(numbers >> first)) continue;
    uint64_t last = first;
    if (char dash = 0; numbers >> dash) numbers >> last;
    if (port >= first && port <= last) return true;
  }
  return false;
}

}  // namespace

Finding listenersFree(Exam& exam) {
  size_t free = 0;
  size_t ours = 0;
  for (const auto& [name, plan] : exam.listeners()) {
    if (anyPort(plan.address)) {
      ++free;
      continue;
    }
    const Standing standing = standingOf(exam, name, plan.address);
    free += standing.free ? 1 : 0;
    ours += standing.ours ? 1 : 0;
    if (!standing.free && !standing.ours && !plan.mayFail) return standing.trouble;
  }
  if (ours == 0) return ok(cli::counted(free, "listener") + " can be opened");
  return ok("the running sidecar holds " + cli::counted(ours, "listener") +
            (free > 0 ? ", and " + std::to_string(free) + " more can be opened" : ""));
}

Finding listenerLoop(Exam& exam) {
  const Circles circles(exam);
  const auto tell = [](const std::string& upstream, const Address& endpoint, const std::string& listener) {
    return fail("upstream " + upstream + ": its endpoint " + endpoint.text() + " is our own " + listener +
                    ", so that requests would go in a circle",
                "name the service itself; the app beside us is called by `app`");
  };
  for (const config::UpstreamModel& upstream : exam.model()->upstreams) {
    for (const config::EndpointModel& endpoint : upstream.endpoints) {
      const auto listener = circles.through(endpoint.dial, true);
      if (listener) return tell(upstream.name, endpoint.dial, *listener);
    }
  }
  const auto named = exam.namedUpstreams();
  for (size_t i = 0; i < named.size(); ++i) {
    for (const Address& found : exam.lookUps()[i].addresses) {
      const Address to = named[i]->sidecarPort ? found.withPort(*named[i]->sidecarPort) : found;
      const auto listener = circles.through(to, false);
      if (listener) return tell(named[i]->name, to, *listener);
    }
  }
  return ok("no endpoint is a listener of ours");
}

Finding adminLoopback(Exam& exam) {
  const auto& admin = exam.model()->listen.admin;
  if (!admin) return skipped("there is no admin listener");
  const std::string where = named("admin", *admin);
  if (!admin->isIp() || admin->isLoopback()) return ok(where + " is reached from this machine alone");
  if (exam.model()->admin.actions) {
    return fail(where + " is open to other machines, and whoever reaches it may act",
                "listen.admin: \"127.0.0.1:15100\", or admin: {actions: false}");
  }
  return warn(where + " is open to other machines, which may read the config and the traffic's numbers",
              "listen.admin: \"127.0.0.1:15100\"; metrics are at listen.telemetry");
}

Finding telemetryOpen(Exam& exam) {
  const auto& telemetry = exam.model()->listen.telemetry;
  if (!telemetry) return skipped("there is no telemetry listener");
  const std::string where = named("telemetry", *telemetry);
  if (!exam.inKubernetes()) return skipped("this is no pod of Kubernetes");
  if (telemetry->isIp() && !telemetry->isLoopback()) return ok(where + " can be scraped and probed");
  return warn(
      where + " is reached from inside this pod alone: Prometheus cannot scrape it, and the kubelet not probe it",
      "listen.telemetry: \"[::]:15190\"");
}

Finding ephemeralPorts(Exam& exam) {
  constexpr uint64_t kEnough = 10'000;
  const auto ports = localPorts(exam.machine());
  if (!ports) return skipped("/proc/sys/net/ipv4/ip_local_port_range cannot be read");
  const std::string range = std::to_string(ports->first) + "-" + std::to_string(ports->last);
  const std::string reserved = exam.machine().read("/proc/sys/net/ipv4/ip_local_reserved_ports").value_or("");
  for (const auto& [name, plan] : exam.listeners()) {
    const uint64_t port = plan.address.port();
    if (!plan.address.isIp() || port < ports->first || port > ports->last || isReserved(reserved, port)) continue;
    return warn(named(name, plan.address) + " is among the ports " + range +
                    " that the kernel gives to outgoing connections: one of them may have it when the sidecar starts",
                "a port below " + std::to_string(ports->first) +
                    ", or sysctl net.ipv4.ip_local_reserved_ports=" + std::to_string(port));
  }
  const uint64_t count = ports->last - ports->first + 1;
  if (count < kEnough) {
    return warn("only " + std::to_string(count) + " ports (" + range + ") are there for outgoing connections",
                "sysctl net.ipv4.ip_local_port_range=\"32768 60999\"");
  }
  return ok(std::to_string(count) + " ports (" + range + ") are there for outgoing connections");
}

}  // namespace outrigger::control::doctor
