// What a scripted upstream does with the requests it gets, one behaviour after the other, the last one for ever. The
// same words for the simulator and for real sockets.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxy/base/time.h"

namespace outrigger::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Behaviour {
  enum class Kind : uint8_t {
    Reply,
    Reset,    ///< the connection is reset instead of an answer
    Close,    ///< the connection is closed instead of an answer
    Hang,     ///< nothing ever comes
    Raw,      ///< these octets, as they are
    Upgrade,  ///< what is asked for is granted; `raw` comes at once, then each octet back, and `body` behind the
              ///< caller's last one
  };
  /// What becomes of the connection after octets that were sent as they are.
  enum class Ending : uint8_t { StaysOpen, Closes, Resets };
  Kind kind = Kind::Reply;
  int status = 200;
  std::string body = "ok";
  Headers headers;
  std::string raw;
  Ending ending = Ending::StaysOpen;
  Duration delay{};
  Duration betweenOctets{};  ///< of `raw`; zero: all at once
};

/// The words; Self is the class that has a script, so that it can be said in one breath and still be kept.
template <class Self>
class Scripted {
 public:
  Self& replies(int status, std::string body = "ok", Headers headers = {}) {
    behaviours_.clear();
    return then(status, std::move(body), std::move(headers));
  }
  Self& then(int status, std::string body = "ok", Headers headers = {}) {
    return add({.status = status, .body = std::move(body), .headers = std::move(headers), .raw = {}});
  }
  Self& resets() { return only(Behaviour::Kind::Reset); }
  Self& thenResets() { return more(Behaviour::Kind::Reset); }
  Self& closes() { return only(Behaviour::Kind::Close); }
  Self& hangs() { return only(Behaviour::Kind::Hang); }
  Self& thenHangs() { return more(Behaviour::Kind::Hang); }
  Self& sends(std::string octets) { return only(Behaviour::Kind::Raw, std::move(octets)); }
  Self& thenSends(std::string octets) { return more(Behaviour::Kind::Raw, std::move(octets)); }
  /// Goes over to the other protocol, and is its echo.
  Self& upgrades(std::string greeting = "", std::string farewell = "") {
    behaviours_.clear();
    return thenUpgrades(std::move(greeting), std::move(farewell));
  }
  Self& thenUpgrades(std::string greeting = "", std::string farewell = "") {
    return add(
        {.kind = Behaviour::Kind::Upgrade, .body = std::move(farewell), .headers = {}, .raw = std::move(greeting)});
  }
  /// Behind the octets of the last behaviour the connection is closed, or reset.
  Self& andCloses() { return endsWith(Behaviour::Ending::Closes); }
  Self& andResets() { return endsWith(Behaviour::Ending::Resets); }
  /// The octets of the last behaviour come one at a time.
  Self& oneByOne(Duration between) {
    behaviours_.back().betweenOctets = between;
    return self();
  }
  /// The last behaviour takes this long.
  Self& after(Duration delay) {
    behaviours_.back().delay = delay;
    return self();
  }

  /// What the next request gets.
  const Behaviour& next() {
    const Behaviour& now = behaviours_[at_];
    if (at_ + 1 < behaviours_.size()) ++at_;
    return now;
  }

 private:
  Self& self() { return static_cast<Self&>(*this); }
  Self& endsWith(Behaviour::Ending ending) {
    behaviours_.back().ending = ending;
    return self();
  }
  Self& more(Behaviour::Kind kind, std::string octets = {}) {
    return add({.kind = kind, .headers = {}, .raw = std::move(octets)});
  }
  Self& only(Behaviour::Kind kind, std::string octets = {}) {
    behaviours_.clear();
    return more(kind, std::move(octets));
  }
  Self& add(Behaviour behaviour) {
    if (behaviours_.empty()) at_ = 0;
    behaviours_.push_back(std::move(behaviour));
    return self();
  }

  std::vector<Behaviour> behaviours_{Behaviour{.headers = {}, .raw = {}}};
  size_t at_ = 0;
};

/// A request as an upstream got it.
struct SeenRequest {
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
  Headers trailers;

  /// The first value of that name, in any case; empty if there is none.
  std::string header(const std::string& name) const;
};

/// An answer as a caller got it.
struct SeenResponse {
  int status = 0;  ///< 0: none came
  Headers headers;
  std::string body;
  Headers trailers;
  std::vector<int> interims;
  bool complete = false;
  std::string error;  ///< why it is not complete

  std::string header(const std::string& name) const;
  std::string reason() const { return header("outrigger-reason"); }
};

/// The octets of an answer with this status, headers and body; a Content-Length is added unless one of the headers
/// frames the body.
std::string encodeResponse(int status, const Headers& headers, const std::string& body, bool toHead = false);

/// The head of the answer that grants what `request` asks to go over to.
std::string encodeUpgrade(const SeenRequest& request);

/// The octets of a request; Host and Content-Length are added unless they are given.
std::string encodeRequest(const std::string& method, const std::string& host, const std::string& target,
                          const Headers& headers, const std::string& body);

}  // namespace outrigger::test
