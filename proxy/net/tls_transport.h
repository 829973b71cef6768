// TLS as a Transport around a Transport: OpenSSL reads what the inner one hands up and gathers what goes to it, without
// a copy of its own in between. First it shakes hands, owned by its Handshake; then it belongs to whoever gets the
// plain bytes. Reading happens in callbacks of its own, one connection in each, so that all share one buffer for
// plaintext. On the loop's thread.
#pragma once

#include <string>

#include "proxy/net/tls_engine.h"

namespace outrigger::net {

struct ShakingTag;

class TlsTransport final : public Transport, public ListNode<ShakingTag>, private TransportSink, private HandshakeStep {
 public:
  /// Hears how the handshake ends; told once. The transport may die in there.
  class ShakeSink {
   public:
    virtual void onShaken() = 0;
    virtual void onShakeFailed(const Error& error) = 0;

   protected:
    ~ShakeSink() = default;
  };

  /// `key` tells endpoints apart on the client's side.
  TlsTransport(TlsEngine& engine, std::shared_ptr<TlsContext> context, std::unique_ptr<Transport> inner,
               std::string key);
  ~TlsTransport() override { close(CloseMode::Normal); }

  /// Begins the handshake; `already` was read before. `sink` is told in a later turn, and outlives the handshake.
  void acceptFrom(Bytes already, ShakeSink& sink);
  void connectTo(const DialOptions& options, ShakeSink& sink);
  /// There are too many handshakes.
  void giveUpShaking();

  static TlsTransport& of(const SSL* ssl);
  TlsContext& context() { return *context_; }
  const std::string& sessionKey() const { return key_; }
  /// Why verification fails: a static text.
  void noteFlaw(const char* flaw) { flaw_ = flaw; }

  void attach(TransportSink& sink) override;
  void write(std::span<const Bytes> pieces) override;
  size_t queued() const override { return inner_->queued(); }
  void pause() override;
  void resume() override;
  void shutdown() override;
  void close(CloseMode mode) override;
  PeerState probe() override;
  const PeerInfo& peer() const override { return peer_; }
  bool stillTrusted(const std::shared_ptr<const TlsServerSettings>& settings) override;

 private:
  enum class Phase : uint8_t {
    Shaking,
    Open,
    Lost,  ///< a failure is still to be told
    Over,  ///< nothing follows: lost or closed
  };

  // The inner transport.
  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override;

  void onTurn() override;
  static const BIO_METHOD* bioMethod();
  static int bioRead(BIO* bio, char* out, size_t size, size_t* read);
  static int bioWrite(BIO* bio, const char* data, size_t size, size_t* written);
  static long bioControl(BIO* bio, int command, long number, void* pointer);

  bool prepare(ShakeSink& sink);
  void shake();
  void shaken();
  bool learnPeer();
  void failShaking(const char* why);
  void read(Bytes input);
  void writeRecords(Bytes data);
  void flush();
  void lose(const char* why);
  void keepSession();
  void queue();
  void hold();
  void letGo();

  TlsEngine& engine_;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<Transport> inner_;
  const std::string key_;
  SslHandle ssl_;
  PeerInfo peer_;
  ShakeSink* shaker_ = nullptr;  // while hands are shaken
  TransportSink* sink_ = nullptr;
  const char* flaw_ = nullptr;
  std::string waiting_;  // ciphertext whose time has not come; meanwhile the inner transport is held
  Bytes input_;          // ciphertext that OpenSSL has not taken, while it reads
  Phase phase_ = Phase::Shaking;
  bool paused_ = false;
  bool held_ = false;
  bool peerEnded_ = false;  // by close_notify
};

}  // namespace outrigger::net
