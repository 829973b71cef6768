#include <algorithm>
#include <cmath>
#include <sstream>

#include "control/cli/spoken.h"
#include "control/cpu_quota.h"
#include "control/doctor/checks.h"

namespace outrigger::control::doctor {
namespace {

constexpr const char* kFolder = "/sys/fs/cgroup";

// "Max open files   1024   1048576   files": the soft limit, and the hard one.
struct Limits {
  uint64_t soft = 0;
  uint64_t hard = 0;
};

std::optional<Limits> openFileLimits(Machine& machine, const std::string& pid) {
  constexpr Bytes kName = "Max open files";
  const auto text = machine.read("/proc/" + pid + "/limits");
  const size_t at = text ? text->find(kName) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  std::istringstream words(text->substr(at + kName.size()));
  std::string soft;
  std::string hard;
  words >> soft >> hard;
  const auto number = [](const std::string& word) { return parseDecimal(word).value_or(UINT64_MAX); };  // "unlimited"
  return Limits{number(soft), number(hard)};
}

// The most connections that one upstream, or the app, may have.
uint64_t mostConnections(const config::Model& model) {
  uint64_t most = model.app ? model.app->settings.limits.connections : 0;
  for (const config::UpstreamModel& upstream : model.upstreams) {
    most = std::max<uint64_t>(most, upstream.settings.limits.connections);
  }
  return most;
}

// In octets; nullopt: none.
std::optional<uint64_t> memoryOf(Machine& machine) {
  constexpr uint64_t kNone = 1ULL << 60U;  // what v1 says instead of "none" is about as large as can be
  for (const char* file : {"/memory.max", "/memory/memory.limit_in_bytes"}) {
    std::istringstream words(machine.read(kFolder + std::string(file)).value_or(""));
    uint64_t octets = 0;
    if (words >> octets && octets < kNone) return octets;
  }
  return std::nullopt;
}

std::string cpusText(double cpus) {
  const auto hundredths = static_cast<uint64_t>(std::llround(cpus * 100));
  std::string text = std::to_string(hundredths / 100);
  if (const uint64_t rest = hundredths % 100; rest > 0) {
    text += "." + std::string(rest < 10 ? "0" : "") + std::to_string(rest % 10 == 0 ? rest / 10 : rest);
  }
  return text + (hundredths == 100 ? " CPU" : " CPUs");
}

// nullopt: no sidecar answers, or it does not say.
std::optional<uint64_t> runningWorkers(Exam& exam) {
  const auto& json = exam.status().json;
  if (!json || !json->contains("workers") || !(*json)["workers"].is_number_unsigned()) return std::nullopt;
  return (*json)["workers"].get<uint64_t>();
}

}  // namespace

Finding openFiles(Exam& exam) {
  const std::string pid = exam.sidecar() != nullptr ? std::to_string(exam.sidecar()->pid) : "self";
  const auto limits = openFileLimits(exam.machine(), pid);
  if (!limits) return skipped("/proc/" + pid + "/limits cannot be read");
  // What runs has raised its limit already; what will run raises it to the hard one.
  const uint64_t limit = exam.sidecar() != nullptr ? limits->soft : limits->hard;
  const uint64_t wanted = mostConnections(*exam.model()) * 2 + 100;
  const std::string text =
      limit == UINT64_MAX ? "any number of files may be open" : std::to_string(limit) + " files may be open";
  if (limit >= wanted) return ok(text + ", " + std::to_string(wanted) + " are enough for the largest limit");
  return warn(
      text + ", but limits.connections asks for " + std::to_string(wanted) + " (two for each connection, and 100)",
      "ulimit -n " + std::to_string(wanted) + " or more for the sidecar, or a smaller limits.connections");
}

Finding workersCpu(Exam& exam) {
  const auto quota = cpuQuota([&](const std::string& path) {
    const auto text = exam.machine().read(path);
    return text ? std::optional(*text) : std::nullopt;
  });
  const double cpus = std::min<double>(exam.machine().cpus(), quota.value_or(exam.machine().cpus()));
  const std::string there = quota ? "the container's quota is " + cpusText(*quota) : "there are " + cpusText(cpus);
  const auto& workers = exam.model()->workers;
  const auto running = runningWorkers(exam);
  if (workers && running && *running != *workers) {
    return warn("the sidecar runs " + cli::counted(*running, "worker") + ", and the config says " +
                    std::to_string(*workers) + ": a reload leaves that as it was",
                "restart the sidecar");
  }
  if (!workers) {
    return ok("workers: auto" + (running ? ", " + std::to_string(*running) + " run; " : "; ") + there);
  }
  const auto most = static_cast<uint32_t>(std::max(1.0, std::ceil(cpus)));
  if (*workers <= most) return ok(cli::counted(*workers, "worker") + "; " + there);
  return warn(cli::counted(*workers, "worker") + ", but " + there +
                  ": they take turns, and each waits while another is throttled",
              "workers: " + std::to_string(most) + ", or workers: auto");
}

Finding memoryLimit(Exam& exam) {
  constexpr uint64_t kMebi = 1024 * 1024;
  constexpr uint64_t kLeast = 64 * kMebi;
  const auto memory = memoryOf(exam.machine());
  if (!memory) return ok("the memory is not limited");
  const std::string text = "the container may use " + std::to_string(*memory / kMebi) + " MiB";
  if (*memory >= kLeast) return ok(text);
  return warn(text + ": a burst of connections or bodies may end it", "resources.limits.memory: 64Mi or more");
}

}  // namespace outrigger::control::doctor
