#include "control/demo/scene.h"

#include "proxy/net/listener.h"

namespace outrigger::control::demo {
namespace {

constexpr size_t kPayments = 1;
constexpr size_t kSearch = 2;

constexpr uint16_t kUsualOutbound = 15101;
constexpr uint16_t kUsualAdmin = 15100;

// The usual port, so that other verbs find us without being told; any other where it is taken.
std::string freeAddress(uint16_t usual) {
  const bool isFree = net::bindAndListen(Address::loopback(usual)).has_value();
  return Address::loopback(isFree ? usual : 0).text();
}

}  // namespace

Scene::Scene() {
  const Mood well;
  const Mood slow{.slowShare = 0.2, .slowBy = 300ms};
  const Mood waves{.wave = 6s, .failing = 2500ms};
  cast_ = {
      {"catalog", "one of three instances is slow at times", {well, well, slow}},
      {"payments", "one of three instances fails in waves", {well, well, waves}},
      {"search", "well, until you break it", {well, well, well}},
  };
  size_t number = 0;
  for (Cast& service : cast_) {
    service.first = number;
    for (const Mood& mood : service.instances) service.addresses.push_back(services_.add(mood));
    number += service.instances.size();
  }
}

std::string Scene::config() const {
  std::string text =
      "# The demo's config. Edit it while the demo runs: it is applied within a second.\n"
      "version: 1\n"
      "listen:\n"
      "  outbound: \"" +
      freeAddress(kUsualOutbound) + "\"\n  admin: \"" + freeAddress(kUsualAdmin) +
      "\"\n"
      "  telemetry: \"127.0.0.1:0\"\n"
      "log: {level: error, access: none}\n"
      "admin: {actions: true}\n"
      "upstreams:\n";
  for (const Cast& service : cast_) {
    text += "  " + service.name + ":\n    endpoints:\n";
    for (const Address& address : service.addresses) text += "      - \"" + address.text() + "\"\n";
  }
  return text;
}

std::optional<Deed> Scene::press(char key) {
  const auto breaks = [this](size_t service, const std::string& text) {
    broken_ = service;
    return Deed{service, false, text};
  };
  switch (key) {
    case '1':
      services_.trouble(cast_[kSearch].first, Trouble::Dead);
      return breaks(kSearch, "you killed " + cast_[kSearch].addresses[0].text() + ", one of three of search");
    case '2':
      services_.trouble(cast_[kSearch].first + 1, Trouble::Slow);
      return breaks(kSearch, "you slowed " + cast_[kSearch].addresses[1].text() +
                                 ", one of three of search: each answer takes 500 ms longer");
    case '3':
      for (size_t i = 0; i < cast_[kPayments].instances.size(); ++i) {
        services_.trouble(cast_[kPayments].first + i, Trouble::Errors);
      }
      return breaks(kPayments, "you let all instances of payments answer 503");
    case '4': break;
    default: return std::nullopt;
  }
  for (const Cast& service : cast_) {
    for (size_t i = 0; i < service.instances.size(); ++i) services_.trouble(service.first + i, Trouble::None);
  }
  if (!broken_) return std::nullopt;
  const size_t mended = *broken_;
  broken_.reset();
  return Deed{mended, true, "you mended it"};
}

const char* Scene::keys() {
  return "1 kill an instance   2 slow one   3 let a service fail   4 mend all   q quit";
}

}  // namespace outrigger::control::demo
