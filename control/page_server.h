// Answers small HTTP requests with pages: a table of method and path, each with a function that makes the page, at once
// or later; or with a feed, an answer that goes on until one of the two leaves. Everything else is 404, or 405 with
// Allow. The control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/base/turn.h"
#include "proxy/http/server_stream.h"

namespace outrigger::control {

struct PageRequest {
  http::Method method = http::Method::Get;
  std::string path;
  std::string query;        ///< without the '?'
  std::string host;         ///< Host, as received
  bool actionMark = false;  ///< `outrigger-admin: 1` was sent
  std::string accept{};     ///< Accept and Accept-Encoding, as received
  std::string acceptEncoding{};
  std::string body;
};

struct Page {
  uint16_t status = 200;
  std::string contentType = "application/json";
  std::string body;
  std::string contentSecurityPolicy{};  ///< empty: nothing is loaded and nothing runs
  bool gzipped = false;                 ///< the body is a gzip member
  std::string vary{};                   ///< fields of the request that the page depends on
};

/// Gives the page; once, on the control thread. A no-op when the caller has left meanwhile.
using GivePage = std::function<void(Page)>;
using MakePage = std::function<void(const PageRequest&, GivePage)>;

/// An answer without end, as its maker holds it. Its reader may leave at any time, and may lag: then what is sent is
/// skipped, never queued without bound.
class Feed {
 public:
  virtual ~Feed() = default;
  /// False: nothing was sent, for the reader has left, or lags.
  virtual bool send(Bytes text) = 0;
  /// False: the reader has left, or the feed was ended.
  virtual bool open() const = 0;
  virtual void end() = 0;
  /// `told` is called once, when the reader leaves; not after end().
  virtual void onGone(std::function<void()> told) = 0;
};

/// How a feed begins.
struct FeedHead {
  std::string contentType = "text/event-stream";
  std::string first{};  ///< sent at once
};

/// Opens a feed, or says with a page why not. The feed is kept by whoever sends on it, and is written to after the
/// call.
using OpenFeed = std::function<std::variant<Page, FeedHead>(const PageRequest&, std::shared_ptr<Feed> feed)>;

class PageServer final : public http::StreamHandler {
 public:
  /// What is refused: bodies beyond `body` octets; requests beyond `visits` at a time, and bodies beyond `bodies`
  /// octets of all that are not answered, where none has still to arrive that could give way; feeds beyond `feeds` at a
  /// time; what takes longer than `wait`, and a feed whose reader has lagged for so long.
  struct Limits {
    size_t body = 64 * 1024;
    size_t bodies = SIZE_MAX;
    size_t visits = SIZE_MAX;
    size_t feeds = 16;
    Duration wait = 60s;
  };

  explicit PageServer(Turn& turn) : PageServer(turn, Limits{}) {}
  PageServer(Turn& turn, Limits limits);
  ~PageServer();

  void add(http::Method method, std::string path, MakePage make);
  /// For all paths that begin with `prefix`, which ends with a slash, and go on, unless one of them was added by
  /// itself.
  void addBelow(http::Method method, std::string prefix, MakePage make);
  /// A feed for GET.
  void addFeed(std::string path, OpenFeed open);
  /// Asked before any page is made; a page that it returns is the answer.
  void guard(std::function<std::optional<Page>(const PageRequest&)> guard) { guard_ = std::move(guard); }

  http::RequestSink& onRequest(http::RequestHead& head, http::ResponseStream& stream) override;
  void onBadRequest(const Error& why, http::ResponseStream& stream) override;

 private:
  class Visit;
  struct Entry {
    http::Method method;
    std::string path;
    std::variant<MakePage, OpenFeed> make;
    bool below = false;
    bool takes(Bytes asked) const {
      return below ? asked.size() > path.size() && asked.starts_with(path) : asked == path;
    }
  };

  /// The oldest that has not arrived whole, and holds `octets` at least, gives way; false: there is none but `fresh`.
  bool makeRoom(const Visit& fresh, size_t octets);
  const Entry* find(http::Method method, Bytes path) const;
  /// For Allow; empty: there is no such page.
  std::string methodsOf(Bytes path) const;

  Turn& turn_;
  const Limits limits_;
  std::vector<Entry> entries_;
  std::function<std::optional<Page>(const PageRequest&)> guard_;
  std::vector<std::unique_ptr<Visit>> visits_;  // the oldest in front
  size_t held_ = 0;                             // octets of bodies that are not answered
  size_t feeds_ = 0;
};

}  // namespace outrigger::control
