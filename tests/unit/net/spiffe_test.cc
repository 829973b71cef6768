#include "proxy/net/spiffe.h"

#include <gtest/gtest.h>

#include "tests/support/certificates.h"

namespace outrigger::net {
namespace {

using test::LeafWishes;
using test::TestAuthority;

TEST(SpiffeId, IsADomainAndAPathOfSegments) {
  for (const Bytes good :
       {"spiffe://shop.example", "spiffe://shop.example/cart", "spiffe://a-b_c.1/ns/Shop/sa/x.y_z"}) {
    EXPECT_TRUE(isSpiffeId(good)) << good;
  }
  for (const Bytes bad :
       {"", "spiffe://", "spiffe:///cart", "https://shop.example/cart", "spiffe://Shop.example/cart",
        "spiffe://shop.example/", "spiffe://shop.example//cart", "spiffe://shop.example/./cart",
        "spiffe://shop.example/../cart", "spiffe://shop.example:8080/cart", "spiffe://me@shop.example/cart",
        "spiffe://shop.example/cart?x", "spiffe://shop.example/cart#x", "spiffe://shop.example/c%61rt",
        "spiffe://shop.example/cart ", "SPIFFE://shop.example/cart"}) {
    EXPECT_FALSE(isSpiffeId(bad)) << bad;
  }
  EXPECT_FALSE(isSpiffeId("spiffe://shop.example/" + std::string(2048, 'x'))) << "too long";
  EXPECT_FALSE(isSpiffeId("spiffe://" + std::string(256, 'x') + "/cart")) << "too long a domain";
}

TEST(SpiffeId, NamesItsTrustDomain) {
  EXPECT_EQ(trustDomainOf("spiffe://shop.example/ns/shop"), "shop.example");
  EXPECT_EQ(trustDomainOf("spiffe://shop.example"), "shop.example");
  EXPECT_EQ(trustDomainOf("https://shop.example"), "");
}

std::string read(const LeafWishes& wishes) {
  const auto id = spiffeIdOf(TestAuthority().leafCertificate(wishes).get());
  return id ? "ok " + *id : std::string("refused: ") + id.error();
}

TEST(IdentityOfACertificate, IsItsOnlyUri) {
  EXPECT_EQ(read({}), "ok spiffe://shop.example/ns/shop/sa/cart");
  EXPECT_EQ(read({.names = {"DNS:cart.shop"}}), "ok ") << "nobody in the mesh, and yet a good certificate";
}

TEST(IdentityOfACertificate, IsRefusedWhereTheRulesAreBroken) {
  const std::string cart = "URI:spiffe://shop.example/cart";
  EXPECT_EQ(read({.names = {cart, "URI:spiffe://shop.example/bank"}}),
            "refused: the peer's certificate has more than one URI among its names");
  EXPECT_EQ(read({.names = {"URI:https://shop.example/cart"}}),
            "refused: the URI in the peer's certificate is no SPIFFE ID of a workload");
  EXPECT_EQ(read({.names = {"URI:spiffe://shop.example"}}),
            "refused: the URI in the peer's certificate is no SPIFFE ID of a workload");
  EXPECT_EQ(read({.constraints = "critical,CA:TRUE"}), "refused: the peer's certificate is that of an authority");
  EXPECT_EQ(read({.keyUsage = "critical,keyEncipherment"}),
            "refused: the peer's certificate is not made for digital signatures");
  EXPECT_EQ(read({.keyUsage = ""}), "refused: the peer's certificate is not made for digital signatures");
  EXPECT_EQ(read({.keyUsage = "critical,digitalSignature,cRLSign"}), "refused: the peer's certificate may sign others");
}

TEST(TrustDomainOfAnAuthority, IsItsUriWithoutAPath) {
  EXPECT_EQ(trustDomainOfAuthority(TestAuthority().leafCertificate({.names = {"URI:spiffe://bank.example"}}).get()),
            "bank.example");
  EXPECT_EQ(trustDomainOfAuthority(TestAuthority().leafCertificate({.names = {"DNS:bank.example"}}).get()), "");
}

}  // namespace
}  // namespace outrigger::net
