#include "tests/support/real/world.h"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace outrigger::real {
namespace {

using Json = nlohmann::json;

constexpr const char* kListen =
    "listen: {inbound: '127.0.0.1:0', outbound: '127.0.0.1:0', admin: '127.0.0.1:0', telemetry: '127.0.0.1:0'}\n";

bool hasTopLevelKey(const std::string& yaml, const std::string& key) {
  return yaml.starts_with(key + ":") || yaml.find("\n" + key + ":") != std::string::npos;
}

std::vector<Json> eventsIn(const std::string& log, const std::string& event) {
  std::vector<Json> found;
  for (size_t begin = 0, end; (end = log.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const Json line = Json::parse(log.substr(begin, end - begin), nullptr, false);
    if (line.is_object() && line.value("event", "") == event) found.push_back(line);
  }
  return found;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "outrigger-e2e-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void writeFile(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) throw std::runtime_error("cannot write " + file.string());
}

std::string readFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

// ---- Sidecar

Sidecar::Sidecar(World& world, const std::string& yaml, const Options& options) : world_(world) {
  configFile_ = options.configFile.value_or(folder_ / "outrigger.yaml");
  if (!options.configFile) write(yaml);
  process_ = std::make_unique<Process>(command(options));
  if (!waitForEvents("started")) throw std::runtime_error("the sidecar does not start:\n" + process_->err());
}

std::vector<std::string> Sidecar::command(const Options& options) const {
  std::string first;  // what a shell does before it becomes the sidecar
  if (options.descriptors) first += "ulimit -n " + std::to_string(*options.descriptors) + " && ";
  if (options.fullStdout) {
    const std::string pipe = "'" + (folder_ / "stdout").string() + "'";
    first += "mkfifo " + pipe + " && exec 1<>" + pipe + " && head -c 65536 /dev/zero && ";
  }
  std::vector<std::string> command{OUTRIGGER_BINARY, "run", "--config", configFile_};
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  if (!first.empty()) command.insert(command.begin(), {"/bin/sh", "-c", first + "exec \"$@\"", "sh"});
  return command;
}

std::string Sidecar::complete(const std::string& yaml) const {
  return world_.complete(yaml);
}

void Sidecar::write(const std::string& yaml) {
  writeFile(configFile_, complete(yaml));
}

test::SeenResponse Sidecar::get(const std::string& host, const std::string& target, test::Headers headers) {
  return request("GET", host, target, std::move(headers));
}

test::SeenResponse Sidecar::post(const std::string& host, const std::string& target, const std::string& body,
                                 test::Headers headers) {
  return request("POST", host, target, std::move(headers), body);
}

test::SeenResponse Sidecar::request(const std::string& method, const std::string& host, const std::string& target,
                                    test::Headers headers, const std::string& body, Direction direction) {
  if (direction == Direction::Inbound) return connect(direction).request(method, host, target, headers, body);
  if (shared_ == nullptr || !shared_->usable()) shared_ = std::make_unique<Client>(address("outbound"));
  return shared_->request(method, host, target, headers, body);
}

Address Sidecar::address(const std::string& listener) const {
  for (const Json& line : events("listening")) {
    if (line.at("listener") == listener) return Address::parse(line.at("address").get<std::string>()).value();
  }
  throw std::runtime_error("no listener " + listener + ":\n" + process_->err());
}

Client Sidecar::connect(Direction direction) const {
  return Client(address(direction == Direction::Inbound ? "inbound" : "outbound"));
}

test::SeenResponse Sidecar::page(const std::string& path, const std::string& listener) const {
  const Address at = address(listener);
  return Client(at).request("GET", at.text(), path);
}

Json Sidecar::json(const std::string& path) const {
  return Json::parse(page(path).body);
}

std::vector<Json> Sidecar::events(const std::string& event) const {
  return eventsIn(process_->err(), event);
}

bool Sidecar::waitForEvents(const std::string& event, size_t count, Deadline deadline) {
  return process_->waitForOutput(
      [&](const std::string&, const std::string& log) { return eventsIn(log, event).size() >= count; }, deadline);
}

size_t Sidecar::residentBytes() const {
  std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
  for (std::string word; status >> word;) {
    size_t kibibytes = 0;
    if (word == "VmRSS:" && status >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error("no VmRSS");
}

size_t Sidecar::openDescriptors() const {
  const std::filesystem::directory_iterator folder("/proc/" + std::to_string(process_->pid()) + "/fd");
  return static_cast<size_t>(std::distance(begin(folder), end(folder)));
}

// ---- World

Upstream& World::upstream(const std::string& name) {
  auto& known = upstreams_[name];
  if (known == nullptr) known = std::make_unique<Upstream>();
  return *known;
}

Sidecar& World::sidecar(const std::string& yaml, const Sidecar::Options& options) {
  for (auto& [name, upstream] : upstreams_) upstream->start();
  sidecars_.push_back(std::make_unique<Sidecar>(*this, yaml, options));
  return *sidecars_.back();
}

std::string World::complete(const std::string& yaml) const {
  std::string text = yaml;
  for (const auto& [name, upstream] : upstreams_) {
    const std::string mark = "${" + name + "}";
    const std::string address = upstream->address().text();
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + address.size())) {
      text.replace(at, mark.size(), address);
    }
  }
  if (!hasTopLevelKey(text, "listen")) text = kListen + text;
  if (!hasTopLevelKey(text, "version")) text = "version: 1\n" + text;
  return text;
}

}  // namespace outrigger::real
