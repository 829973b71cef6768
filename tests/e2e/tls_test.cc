// TLS as others speak it: curl and openssl before the sidecar, and two sidecars that know each other.
#include <gtest/gtest.h>

#include "tests/support/certificates.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::runToEnd;
using real::Sidecar;
using real::TemporaryFolder;
using real::World;
using real::writeFile;
using test::LeafWishes;
using test::TestAuthority;

LeafWishes workload(const std::string& name, int days = 7) {
  return {.names = {"URI:spiffe://shop.example/" + name, "DNS:" + name + ".shop", "DNS:localhost", "IP:127.0.0.1"},
          .days = days};
}

/// Files of identities in a folder.
class Identities {
 public:
  void write(const std::string& name, const TlsMaterial& material) const {
    writeFile(folder_ / (name + ".crt"), material.certificate);
    writeFile(folder_ / (name + ".key"), material.key);
    writeFile(folder_ / (name + ".ca"), material.trust);
  }
  std::string path(const std::string& file) const { return (folder_ / file).string(); }
  /// The key `identity` of a config file.
  std::string yaml(const std::string& name) const {
    return "identity: {cert: " + path(name + ".crt") + ", key: " + path(name + ".key") +
           ", trust: " + path(name + ".ca") + "}\n";
  }
  const TestAuthority authority;

 private:
  TemporaryFolder folder_;
};

Outcome curl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"curl", "-sS", "--max-time", "60", "-H", "Host: app"});
  return runToEnd(arguments);
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    ids_.write("cart", ids_.authority.leaf(workload("cart")));
    ids_.write("bank", ids_.authority.leaf(workload("bank")));
    world_.upstream("app");
  }
  Sidecar& inbound(const std::string& tls) {
    return world_.sidecar(ids_.yaml("cart") + "app: {address: '${app}', protocol: http1, tls: " + tls + "}\n");
  }
  std::string url(const Sidecar& sidecar) const { return "https://" + sidecar.address("inbound").text() + "/x"; }
  std::vector<std::string> trusting(std::vector<std::string> more) const {
    more.insert(more.begin(), {"--cacert", ids_.path("cart.ca"), "-w", " %{http_code} %{http_version}"});
    return more;
  }
  std::vector<std::string> asBank(std::vector<std::string> more) const {
    more.insert(more.begin(), {"--cert", ids_.path("bank.crt"), "--key", ids_.path("bank.key")});
    return trusting(std::move(more));
  }

  Identities ids_;
  World world_;
};

TEST_F(Tls, PermissiveTakesBothOnOnePort) {
  auto& sidecar = inbound("{mode: permissive}");
  EXPECT_EQ(curl(trusting({url(sidecar)})).out, "ok 200 2");
  EXPECT_EQ(curl(trusting({"--http1.1", url(sidecar)})).out, "ok 200 1.1");
  EXPECT_EQ(curl(trusting({"--tls-max", "1.2", url(sidecar)})).out, "ok 200 2");
  EXPECT_EQ(curl(asBank({url(sidecar)})).out, "ok 200 2");
  const std::string plain = "http://" + sidecar.address("inbound").text() + "/x";
  EXPECT_EQ(curl({plain, "-w", " %{http_code}"}).out, "ok 200");
}

TEST_F(Tls, StrictTakesNobodyWithoutACertificate) {
  auto& sidecar = inbound("{mode: strict}");
  EXPECT_EQ(curl(asBank({url(sidecar)})).out, "ok 200 2");
  EXPECT_NE(curl(trusting({url(sidecar)})).exitCode, 0);
  EXPECT_NE(curl({"http://" + sidecar.address("inbound").text() + "/x"}).exitCode, 0);
  const TestAuthority other("other.example");
  ids_.write("thief", other.leaf(workload("bank")));
  EXPECT_NE(curl(trusting({"--cert", ids_.path("thief.crt"), "--key", ids_.path("thief.key"), url(sidecar)})).exitCode,
            0);
  EXPECT_EQ(world_.upstream("app").hits(), 1U) << "nobody else has reached it";
}

TEST_F(Tls, OldVersionsAreNotSpoken) {
  auto& sidecar = inbound("{mode: permissive}");
  const Outcome outcome = runToEnd({"openssl", "s_client", "-connect", sidecar.address("inbound").text(), "-tls1_1",
                                    "-cipher", "ALL:@SECLEVEL=0", "-brief"});
  EXPECT_NE(outcome.exitCode, 0) << outcome.err;
}

TEST_F(Tls, TwoSidecarsKnowEachOther) {
  auto& called =
      world_.sidecar(ids_.yaml("cart") +
                     "app: {address: '${app}', protocol: http1, tls: {mode: strict}}\n"
                     "access: {default: deny, rules: [{name: bank, identity: [\"spiffe://shop.example/bank\"], "
                     "methods: [GET], allow: true}]}\n");
  const std::string to = "upstreams: {app: {endpoints: [\"" + called.address("inbound").text() +
                         "\"], sidecar: true, tls: {mode: mutual, identities: [\"spiffe://shop.example/";
  auto& caller = world_.sidecar(ids_.yaml("bank") + to + "cart\"]}}}\n");
  EXPECT_EQ(caller.get("app", "/x").status, 200);
  const auto denied = caller.post("app", "/x", "money");
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(denied.header("outrigger-reason"), "denied");
  EXPECT_EQ(world_.upstream("app").hits(), 1U);

  auto& mistaken = world_.sidecar(ids_.yaml("bank") + to + "other\"]}}}\n");
  const auto failed = mistaken.get("app", "/x");
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(failed.header("outrigger-reason"), "tls-failed");
}

TEST_F(Tls, ANewCertificateIsShownAndABadOneIsNot) {
  auto& sidecar = inbound("{mode: permissive}");
  const auto shown = [&] {
    const Outcome outcome = runToEnd(
        {"bash", "-c",
         "echo | openssl s_client -connect " + sidecar.address("inbound").text() + " 2>/dev/null | openssl x509"});
    return outcome.out;
  };
  const auto mounted = [&] { return real::readFile(ids_.path("cart.crt")); };
  ASSERT_EQ(shown(), mounted());
  ids_.write("cart", ids_.authority.leaf(workload("cart")));
  EXPECT_TRUE(real::waitUntil([&] { return shown() == mounted(); }));
  const std::string good = mounted();

  writeFile(ids_.path("cart.crt"), ids_.authority.leaf(workload("cart")).certificate);  // of another key
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected"));
  const std::string told = sidecar.events("config-rejected").back()["text"];
  EXPECT_NE(told.find("cart.key: it does not belong to the certificate"), std::string::npos) << told;
  EXPECT_NE(told.find("outrigger.yaml:3:11 "), std::string::npos) << "with its line: " << told;
  EXPECT_EQ(shown(), good);

  ids_.write("cart", ids_.authority.leaf(workload("cart", -1)));
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected", 2));
  EXPECT_NE(std::string(sidecar.events("config-rejected").back()["text"]).find("has expired"), std::string::npos);
  EXPECT_EQ(shown(), good);
  EXPECT_EQ(curl(trusting({"-k", url(sidecar)})).out, "ok 200 2");
}

// Who rotates certificates knows nothing of a slip in the file.
TEST_F(Tls, ANewCertificateIsTakenWhileTheNewestFileIsBad) {
  auto& sidecar = inbound("{mode: permissive}");
  const auto shown = [&] {
    return runToEnd({"bash", "-c",
                     "echo | openssl s_client -connect " + sidecar.address("inbound").text() +
                         " 2>/dev/null | openssl x509"})
        .out;
  };
  sidecar.write("upstream: {}\n");
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected"));
  ids_.write("cart", ids_.authority.leaf(workload("cart")));
  EXPECT_TRUE(sidecar.waitForEvents("certificates-renewed"));
  EXPECT_TRUE(real::waitUntil([&] { return shown() == real::readFile(ids_.path("cart.crt")); }));
  EXPECT_EQ(curl(trusting({"-k", url(sidecar)})).out, "ok 200 2");
}

TEST_F(Tls, PlainConnectionsEndWhenTlsBecomesAMust) {
  auto& sidecar = inbound("{mode: permissive}");
  real::Client plain = sidecar.connect(Direction::Inbound);
  EXPECT_EQ(plain.get("app", "/x").status, 200);
  sidecar.write(ids_.yaml("cart") + "app: {address: '${app}', protocol: http1, tls: {mode: strict}}\n");
  EXPECT_TRUE(plain.closedByPeer());
}

TEST_F(Tls, HandshakesThatNeverFinishHarmNobody) {
  auto& sidecar = inbound("{mode: permissive}");
  std::vector<std::unique_ptr<real::Client>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<real::Client>(sidecar.address("inbound")));
    silent.back()->send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));  // the beginning of a ClientHello
  }
  EXPECT_EQ(curl(trusting({url(sidecar)})).out, "ok 200 2");
}

}  // namespace
}  // namespace outrigger::e2e
