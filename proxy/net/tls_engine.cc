#include "proxy/net/tls_engine.h"

#include "proxy/net/tls_transport.h"

namespace outrigger::net {
namespace {

/// One handshake, with the transport that it is for until that is secured.
class Shaking final : public Handshake, private TlsTransport::ShakeSink {
 public:
  Shaking(std::unique_ptr<TlsTransport> transport, HandshakeSink& sink)
      : transport_(std::move(transport)), sink_(sink) {}

  TlsTransport& transport() { return *transport_; }
  TlsTransport::ShakeSink& ear() { return *this; }

 private:
  void onShaken() override { sink_.onSecured(std::move(transport_)); }
  void onShakeFailed(const Error& error) override { sink_.onHandshakeFailed(error); }

  std::unique_ptr<TlsTransport> transport_;
  HandshakeSink& sink_;
};

/// What cannot begin, because its settings are of no use; they were examined before, so memory has run out.
class Stillborn final : public Handshake, private HandshakeStep {
 public:
  Stillborn(TlsEngine& engine, std::unique_ptr<Transport> transport, HandshakeSink& sink)
      : transport_(std::move(transport)), sink_(sink) {
    engine.queue(*this);
  }

 private:
  void onTurn() override { sink_.onHandshakeFailed(localError(Reason::TlsFailed, "TLS cannot be set up")); }

  std::unique_ptr<Transport> transport_;
  HandshakeSink& sink_;
};

template <class Map, class Settings, class Make>
std::shared_ptr<TlsContext> lookUp(Map& known, const std::shared_ptr<const Settings>& settings, Make&& make) {
  auto& [owner, context] = known[settings.get()];
  if (owner.lock() == settings && context != nullptr) return context;
  auto made = make(settings);
  owner = settings;
  context = made ? std::move(*made) : nullptr;
  std::shared_ptr<TlsContext> result = context;
  std::erase_if(known, [](const auto& entry) { return entry.second.first.expired(); });
  return result;
}

}  // namespace

TlsEngine::TlsEngine(EventLoop& loop)
    : loop_(loop), library_(OSSL_LIB_CTX_new()), plain_(std::make_unique_for_overwrite<char[]>(kPlain)) {
  uv_idle_init(loop.raw(), idle_.get());
  idle_->data = this;
}

TlsEngine::~TlsEngine() = default;

std::shared_ptr<TlsContext> TlsEngine::contextFor(const std::shared_ptr<const TlsServerSettings>& settings) {
  return lookUp(servers_, settings, [this](const auto& of) { return TlsContext::forServer(library_.get(), of); });
}

std::shared_ptr<TlsContext> TlsEngine::contextFor(const std::shared_ptr<const TlsClientSettings>& settings) {
  return lookUp(clients_, settings, [this](const auto& of) { return TlsContext::forClient(library_.get(), of); });
}

std::unique_ptr<Handshake> TlsEngine::accept(std::unique_ptr<Transport> transport, Bytes already,
                                             const std::shared_ptr<const TlsServerSettings>& settings,
                                             HandshakeSink& sink) {
  auto context = contextFor(settings);
  if (context == nullptr) return std::make_unique<Stillborn>(*this, std::move(transport), sink);
  auto secured = std::make_unique<TlsTransport>(*this, std::move(context), std::move(transport), std::string());
  auto handshake = std::make_unique<Shaking>(std::move(secured), sink);
  if (shaking_.count() >= kMostShaking) shaking_.popFront()->giveUpShaking();
  shaking_.pushBack(handshake->transport());
  handshake->transport().acceptFrom(already, handshake->ear());
  return handshake;
}

std::unique_ptr<Handshake> TlsEngine::connect(std::unique_ptr<Transport> transport, const std::string& to,
                                              const DialOptions& options, HandshakeSink& sink) {
  auto context = contextFor(options.tls);
  if (context == nullptr) return std::make_unique<Stillborn>(*this, std::move(transport), sink);
  const std::string key = to + (options.offersHttp2 ? " h2" : "");
  auto secured = std::make_unique<TlsTransport>(*this, std::move(context), std::move(transport), key);
  auto handshake = std::make_unique<Shaking>(std::move(secured), sink);
  handshake->transport().connectTo(options, handshake->ear());
  return handshake;
}

void TlsEngine::count(bool asServer, Shake how) {
  if (counters_ != nullptr) (*counters_)[asServer ? 0 : 1][static_cast<size_t>(how)].add();
}

void TlsEngine::queue(HandshakeStep& step) {
  enqueue(steps_, step);
}

void TlsEngine::queueServed(HandshakeStep& step) {
  enqueue(served_, step);
}

void TlsEngine::enqueue(List<HandshakeStep, HandshakeStepTag>& line, HandshakeStep& step) {
  if (!step.linked()) line.pushBack(step);
  uv_idle_start(idle_.get(), [](uv_idle_t* idle) { static_cast<TlsEngine*>(idle->data)->onIdle(); });
}

// While something waits, the loop polls without waiting.
void TlsEngine::onIdle() {
  List<HandshakeStep, HandshakeStepTag> now;  // what is queued meanwhile waits for the next turn
  now.takeAll(served_);
  if (HandshakeStep* step = steps_.popFront()) now.pushBack(*step);
  while (HandshakeStep* step = now.popFront()) {
    const EventLoop::Callback callback(loop_);
    step->onTurn();
  }
  if (steps_.empty() && served_.empty()) uv_idle_stop(idle_.get());
}

}  // namespace outrigger::net
