#include "tests/support/sim/world.h"

#include <stdexcept>

#include "control/config_file.h"
#include "filters/registry.h"

namespace outrigger::sim {
Sidecar::Sidecar(World& world, const std::string& yaml)
    : world_(world), shard_(metrics::Bounds::standard()), registry_({&shard_}, 10000), builder_(registry_, 1) {
  server::WorkerReports& reports = *this;
  worker_ = std::make_unique<server::Worker>(world.loop().turn(), world.network(), shard_, reports);
  const std::string wrong = reload(yaml);
  if (!wrong.empty()) throw std::runtime_error(wrong);
}

Sidecar::~Sidecar() {
  clients_.clear();
  worker_.reset();
}

namespace {

// Connections are here what TLS would have made of them (MemoryTransport::secure), so that no certificate is read.
config::Model withoutTls(config::Model model) {
  model.identity.reset();
  if (model.app) model.app->tls = {};
  for (config::UpstreamModel& upstream : model.upstreams) upstream.tls.reset();
  return model;
}

}  // namespace

std::string Sidecar::reload(const std::string& yaml) {
  const std::string text = yaml.starts_with("version:") ? yaml : "version: 1\n" + yaml;
  const auto lookUp = [this](Bytes name) { return world_.lookUp(name); };
  const config::LoadResult loaded = config::load(text, "outrigger.yaml", lookUp, filters::schemas());
  if (loaded.model == nullptr) return control::renderAll(loaded.diagnostics);
  const auto snapshot = builder_.build(withoutTls(*loaded.model));
  if (!snapshot) return snapshot.error().why;
  worker_->install(*snapshot, control::servingRules(loaded.model->http));
  world_.loop().in(Duration::zero(), [] {});  // it settles in a turn, as what comes through a mailbox does
  return "";
}

Client& Sidecar::connect(Direction direction, const std::string& upstream) {
  clients_.push_back(std::make_unique<Client>(world_.loop(), open(direction, upstream)));
  return *clients_.back();
}

Client& Sidecar::connectAs(const std::string& identity) {
  auto [ours, theirs] = world_.network().connect(Address::ipv4({192, 0, 2, 7}, 50000), Address::loopback(15106));
  theirs->secure(identity);
  worker_->serve({Direction::Inbound, ""}, std::move(theirs));
  clients_.push_back(std::make_unique<Client>(world_.loop(), std::move(ours)));
  return *clients_.back();
}

Client& Sidecar::connectRedirected(Direction direction, const Address& destination) {
  clients_.push_back(std::make_unique<Client>(world_.loop(), openRedirected(direction, destination)));
  return *clients_.back();
}

std::unique_ptr<MemoryTransport> Sidecar::openRedirected(Direction direction, const Address& destination) {
  auto [ours, theirs] = world_.network().connect(Address::ipv4({192, 0, 2, 7}, 50000), Address::loopback(15101));
  theirs->redirectedFrom(destination);
  worker_->serve({direction, ""}, std::move(theirs));
  return std::move(ours);
}

std::unique_ptr<MemoryTransport> Sidecar::open(Direction direction, const std::string& upstream) {
  auto [ours, theirs] = world_.network().connect(Address::ipv4({192, 0, 2, 7}, 50000), Address::loopback(15101));
  worker_->serve({direction, upstream}, std::move(theirs));
  return std::move(ours);
}

void Sidecar::listen(Direction direction, const Address& address) {
  world_.network().listen(address, [this, direction](std::unique_ptr<MemoryTransport> transport) {
    worker_->serve({direction, ""}, std::move(transport));
  });
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
  const bool reuse = direction == Direction::Outbound;
  Client& client = reuse && shared_ != nullptr && !shared_->closed() ? *shared_ : connect(direction);
  if (reuse) shared_ = &client;
  const size_t before = client.complete();
  client.request(method, test::encodeRequest(method, host, target, headers, body));
  world_.runUntil([&] { return client.complete() > before || client.closed(); });
  if (client.complete() > before) return client.responses()[before];
  test::SeenResponse none = client.responses().size() > before ? client.responses()[before] : test::SeenResponse{};
  if (none.error.empty()) none.error = "no answer";
  return none;
}

metrics::UpstreamSeries& Sidecar::series(const std::string& upstream) {
  return shard_.upstreams[registry_.upstream(upstream)];
}

World::~World() {
  sidecars_.clear();
  upstreams_.clear();
  h2Peers_.clear();
  services_.clear();
  loop_.turn().endTurn();
}

Upstream& World::upstream(const std::string& name) {
  auto& known = upstreams_[name];
  if (known == nullptr) known = std::make_unique<Upstream>(network_, address(name));
  return *known;
}

H2Peer& World::h2Peer(const std::string& name) {
  auto& known = h2Peers_[name];
  if (known == nullptr) known = std::make_unique<H2Peer>(network_, address(name));
  return *known;
}

Service& World::service(const std::string& name) {
  auto& known = services_[name];
  if (known == nullptr) known = std::make_unique<Service>(network_, address(name), loop_.turn().rng.next());
  return *known;
}

const Address& World::address(const std::string& name) {
  const auto [known, isNew] = addresses_.try_emplace(name);
  if (isNew) {
    const auto number = static_cast<uint8_t>(addresses_.size());
    known->second = Address::ipv4({10, 0, 0, number}, 8080);
  }
  return known->second;
}

std::optional<std::string> World::lookUp(Bytes name) const {
  const auto found = addresses_.find(std::string(name));
  return found == addresses_.end() ? std::nullopt : std::optional(found->second.text());
}

Sidecar& World::sidecar(const std::string& yaml) {
  sidecars_.push_back(std::make_unique<Sidecar>(*this, yaml));
  return *sidecars_.back();
}

}  // namespace outrigger::sim
