// Calls of our own over TLS and real sockets: whom the certificate has to name, and authorities that are replaced.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "control/outcall/client.h"
#include "proxy/net/event_loop.h"
#include "proxy/net/listener.h"
#include "proxy/net/signals.h"
#include "tests/support/certificates.h"
#include "tests/support/scripted_server.h"

namespace outrigger::control::outcall {
namespace {

using outrigger::test::LeafWishes;
using outrigger::test::TestAuthority;
using outrigger::testing::ScriptedServer;

/// Accepts connections with TLS, and answers each request with "{}".
class SecureServer final : private HandshakeSink {
 public:
  SecureServer(net::EventLoop& loop, TlsMaterial material) : loop_(loop) {
    use(std::move(material));
    server_.onAsked = [](ScriptedServer::Asked& asked) { asked.reply(200, "{}"); };
    auto bound = net::bindAndListen(Address::loopback(0));
    listener_.emplace(
        loop, std::move(*bound),
        [this](net::AcceptedSocket accepted) {
          HandshakeSink& self = *this;
          auto transport = loop_.adopt(std::move(accepted.fd), accepted.peer);
          handshakes_.push_back(loop_.accept(std::move(transport), {}, settings_, self));
        },
        [] {});
  }

  void use(TlsMaterial material) {
    settings_ = std::make_shared<const TlsServerSettings>(TlsServerSettings{
        std::make_shared<const TlsMaterial>(std::move(material)), TlsServerSettings::Clients::Ignored});
  }
  Address address() const { return listener_->address(); }

 private:
  void onSecured(std::unique_ptr<Transport> transport) override { server_.serve(std::move(transport)); }
  void onHandshakeFailed(const Error&) override {}

  net::EventLoop& loop_;
  ScriptedServer server_{loop_.turn()};
  std::shared_ptr<const TlsServerSettings> settings_;
  std::vector<std::unique_ptr<Handshake>> handshakes_;
  std::optional<net::Listener> listener_;
};

class OutcallTlsTest : public ::testing::Test, private AnswerSink {
 protected:
  OutcallTlsTest() { net::Signals::ignorePipe(); }
  ~OutcallTlsTest() override {
    std::error_code ignored;
    std::filesystem::remove(trustFile_, ignored);
  }

  void trust(const std::string& pem) { std::ofstream(trustFile_, std::ios::trunc) << pem; }

  /// What a call comes to.
  std::string ask(Client& client, const std::string& target = "/") {
    story_.clear();
    const auto call = client.call({.target = target}, {}, *this);
    loop_.run();
    return story_;
  }
  Client client(const SecureServer& server, const std::string& host) {
    return {loop_.turn(), loop_, Peer{server.address(), host, trustFile_}};
  }
  static TlsMaterial leaf(const TestAuthority& authority) {
    return authority.leaf({.names = {"DNS:kubernetes.default", "IP:127.0.0.1"}});
  }

  net::EventLoop loop_{1};
  const std::string trustFile_ = ::testing::TempDir() + "outcall-trust-" + std::to_string(::getpid());

 private:
  void onHead(const http::ResponseHead& head) override { story_ += std::to_string(head.status) + " "; }
  void onBody(Bytes data) override { story_ += data; }
  void onEnd() override { loop_.stop(); }
  void onFailed(const std::string& why) override {
    const size_t colon = why.rfind(": ");
    story_ += colon == std::string::npos ? why : why.substr(colon + 2);
    loop_.stop();
  }

  std::string story_;
};

TEST_F(OutcallTlsTest, TheCertificateHasToNameTheHost) {
  const TestAuthority authority;
  trust(authority.certificate());
  const SecureServer server(loop_, leaf(authority));
  for (const auto& [host, story] :
       {std::pair("127.0.0.1", "200 {}"), std::pair("kubernetes.default", "200 {}"),
        std::pair("127.0.0.2", "IP address mismatch"), std::pair("kubernetes.evil", "hostname mismatch")}) {
    Client caller = client(server, host);
    EXPECT_EQ(ask(caller), story) << host;
  }
}

TEST_F(OutcallTlsTest, AuthoritiesAreReadAnewForEachConnection) {
  const TestAuthority first("one.example");
  const TestAuthority second("two.example");
  trust(first.certificate());
  SecureServer server(loop_, leaf(second));
  Client caller = client(server, "127.0.0.1");
  EXPECT_NE(ask(caller), "200 {}");
  trust(first.certificate() + second.certificate());
  EXPECT_EQ(ask(caller), "200 {}");
}

// It would write into the request, which bears our token.
TEST_F(OutcallTlsTest, ATargetIsAPathAndNothingElse) {
  const TestAuthority authority;
  trust(authority.certificate());
  const SecureServer server(loop_, leaf(authority));
  Client caller = client(server, "127.0.0.1");
  EXPECT_EQ(ask(caller, "/a/b?c=%20"), "200 {}");
  for (const char* bad : {"", "a", "/a b", "/a\r\nx: y", "/a\tb", "/a\x7f"}) {
    EXPECT_EQ(ask(caller, bad), "the target of this call is no path") << bad;
  }
}

TEST_F(OutcallTlsTest, ABadTrustFileIsNamed) {
  trust("no certificate");
  const TestAuthority authority;
  const SecureServer server(loop_, leaf(authority));
  Client caller = client(server, "127.0.0.1");
  EXPECT_EQ(ask(caller), "there is no PEM certificate in it");
}

}  // namespace
}  // namespace outrigger::control::outcall
