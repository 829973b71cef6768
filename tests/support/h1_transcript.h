// What a codec of HTTP/1 makes of a run of octets, as readable lines: unit tests compare them with what a table
// expects, fuzzers compare them with themselves under other splits. Each piece is handed over in memory of its own that
// is freed behind the call, so that the sanitizer catches a view kept too long and a read past the end. Events out of
// order and bodies that are not as long as announced make the text begin with "BROKEN".
#pragma once

#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/http/grammar.h"
#include "proxy/http/h1/client_codec.h"
#include "proxy/http/h1/server_codec.h"

namespace outrigger::testing {

/// Positions at which an input is cut, rising; none: one piece.
using Cuts = std::span<const size_t>;

/// What an upstream does behind its last octet.
enum class Peer : uint8_t { StaysOpen, Closes };

inline std::string reasonWord(Reason reason) {
  switch (reason) {
    case Reason::Malformed: return "malformed";
    case Reason::UriTooLong: return "uri-too-long";
    case Reason::HeadersTooLarge: return "headers-too-large";
    case Reason::Unsupported: return "unsupported";
    case Reason::UnsupportedVersion: return "unsupported-version";
    case Reason::UpstreamMalformed: return "upstream-malformed";
    default: return "none that a codec may give: " + std::to_string(static_cast<int>(reason));
  }
}

inline std::string framingText(http::BodyFraming framing) {
  switch (framing.kind) {
    case http::BodyFraming::Kind::None: return "none";
    case http::BodyFraming::Kind::Length: return std::to_string(framing.length);
    case http::BodyFraming::Kind::Chunked: return "chunked";
    case http::BodyFraming::Kind::UntilClose: break;
  }
  return "until-close";
}

/// Lines of events. Runs of body octets are joined: a log does not depend on how they were cut.
class Transcript {
 public:
  void line(const std::string& text) {
    endBody();
    text_ += text + "\n";
  }

  void body(Bytes octets) {
    if (!inMessage_) broken("a body outside of a message");
    if (octets.empty()) broken("an empty piece of a body");
    openBody_ += octets;
    received_ += octets.size();
  }

  void beginMessage(http::BodyFraming octets) {
    if (inMessage_) broken("a head inside of a message");
    inMessage_ = true;
    announced_ = octets;
    received_ = 0;
  }

  void endMessage(const http::FieldList& trailers) {
    if (!inMessage_) broken("an end outside of a message");
    inMessage_ = false;
    const bool fixed =
        announced_.kind == http::BodyFraming::Kind::None || announced_.kind == http::BodyFraming::Kind::Length;
    if (fixed && received_ != announced_.length) broken("the body is not as long as announced");
    if (announced_.kind != http::BodyFraming::Kind::Chunked && !trailers.empty()) broken("trailers without chunks");
    line("end" + fieldsText(trailers));
  }

  void broken(Bytes what) { broken_.append("BROKEN: ").append(what).append("\n"); }

  std::string text() {
    endBody();
    return broken_ + text_;
  }

  std::string fieldsText(const http::FieldList& fields) {
    std::string text;
    for (const http::Field& field : fields) {
      text.append(" ").append(field.name).append("=[").append(field.value).append("]");
      if (field.id != http::headerOf(field.name)) broken("a field with another's id");
      if (!http::isToken(field.name)) broken("a field name that is no token");
      if (http::holdsControl(field.value) || trimSpace(field.value) != field.value) broken("an odd field value");
    }
    return text;
  }

 private:
  void endBody() {
    if (!openBody_.empty()) text_ += "body " + openBody_ + "\n";
    openBody_.clear();
  }

  std::string broken_;
  std::string text_;
  std::string openBody_;
  bool inMessage_ = false;
  http::BodyFraming announced_;
  uint64_t received_ = 0;
};

class ServerTranscript final : public http::h1::ServerEvents {
 public:
  void onRequestHead(http::RequestHead& head) override {
    log.beginMessage(head.body);
    std::string flags;
    if (head.version == http::Version::Http10) flags += " 1.0";
    if (!head.keepAlive) flags += " close";
    if (head.absoluteForm) flags += " absolute";
    if (head.expectContinue) flags += " expect";
    if (!head.upgrade.empty()) flags += " upgrade=" + std::string(head.upgrade);
    log.line(std::string(head.methodText) + " " + std::string(head.authority) + " " + std::string(head.path) +
             std::string(head.query) + " body=" + framingText(head.body) + flags + log.fieldsText(head.fields));
    ++heads;
  }
  void onBody(Bytes data) override { log.body(data); }
  void onRequestEnd(http::FieldList trailers) override { log.endMessage(trailers); }

  Transcript log;
  int heads = 0;
};

class ClientTranscript final : public http::h1::ClientEvents {
 public:
  void onInterim(http::ResponseHead& head) override {
    if (head.status < 100 || head.status > 199) log.broken("an interim answer that is none");
    log.line("interim " + headText(head));
  }
  void onResponseHead(http::ResponseHead& head) override {
    log.beginMessage(head.headOnly ? http::BodyFraming::none() : head.body);
    log.line(headText(head));
  }
  void onBody(Bytes data) override { log.body(data); }
  void onResponseEnd(http::FieldList trailers) override { log.endMessage(trailers); }

  Transcript log;

 private:
  std::string headText(const http::ResponseHead& head) {
    std::string flags;
    if (head.version == http::Version::Http10) flags += " 1.0";
    if (!head.keepAlive) flags += " close";
    if (head.headOnly) flags += " head-only";
    if (head.upgraded) flags += " upgraded";
    return std::to_string(head.status) + " " + std::string(head.reasonPhrase) + " body=" + framingText(head.body) +
           flags + log.fieldsText(head.fields);
  }
};

/// Feeds the pieces of `input` to `codec`, what it leaves in front of what comes next. `more(used)` is asked after each
/// call that used something; false: stop. Returns the error, if there was one.
template <class Codec, class More>
Result<void> feedPieces(Codec& codec, Bytes input, Cuts cuts, More&& more) {
  std::string pending;
  size_t from = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t to = i < cuts.size() ? std::min(cuts[i], input.size()) : input.size();
    if (to <= from) continue;
    pending += input.substr(from, to - from);
    from = to;
    while (!pending.empty()) {
      const auto copy = std::make_unique_for_overwrite<char[]>(pending.size());
      std::memcpy(copy.get(), pending.data(), pending.size());
      const auto used = codec.feed({copy.get(), pending.size()});
      if (!used) return std::unexpected(used.error());
      if (*used == 0) break;
      pending.erase(0, *used);
      more();
    }
  }
  return {};
}

/// Reads `input` as what a client sends on one connection, each request answered at once. A line for each event, then
/// "refused: WORD" or "waiting: for a request | in a head | in a body".
inline std::string readRequests(Bytes input, Cuts cuts = {}, const http::h1::HeadLimits& limits = {}) {
  http::h1::HeadScratch scratch;
  ServerTranscript events;
  http::h1::ServerCodec codec(scratch, limits, events);
  const auto result = feedPieces(codec, input, cuts, [&] {
    if (codec.requestComplete()) codec.next();
  });
  if (!result) {
    events.log.line("refused: " + reasonWord(result.error().reason));
    if (result.error().detail == nullptr) events.log.broken("no detail");
    return events.log.text();
  }
  events.log.line(codec.atStart()  ? "waiting: for a request"
                  : codec.inHead() ? "waiting: in a head"
                                   : "waiting: in a body");
  return events.log.text();
}

/// What is awaited: the answer to a request with this method, which may have asked for another protocol.
struct Asked {
  Asked(http::Method asked, Bytes protocol = {}, Bytes key = {}) : method(asked), upgrade(protocol), accept(key) {}
  http::Method method;
  Bytes upgrade;
  Bytes accept;
};

/// Reads `input` as what an upstream answers to one request. The last line is "refused: WORD", "cut short", "waiting:
/// in a head | in a body", or "done: reusable | not reusable".
inline std::string readAnswer(const Asked& asked, Bytes input, Cuts cuts = {}, Peer peer = Peer::Closes) {
  http::h1::HeadScratch scratch;
  ClientTranscript events;
  http::h1::ClientCodec codec(scratch, events);
  codec.expect(asked.method, asked.upgrade, asked.accept);
  const auto result = feedPieces(codec, input, cuts, [] {});
  Transcript& log = events.log;
  if (!result) {
    log.line("refused: " + reasonWord(result.error().reason));
    if (result.error().detail == nullptr) log.broken("no detail");
  } else if (codec.idle() || (peer == Peer::Closes && codec.finishAtClose())) {
    log.line(codec.reusable() ? "done: reusable" : "done: not reusable");
  } else if (peer == Peer::Closes) {
    log.line("cut short");
  } else {
    log.line(codec.headSeen() ? "waiting: in a body" : "waiting: in a head");
  }
  return log.text();
}

/// Reads `input` octet by octet, in one piece, and cut once at every position (of a long one: at 512). The first log
/// that `same(first, log)` does not accept beside the first one, with where it was cut; empty: there is none.
template <class Read, class Same>
std::string firstCutThatMatters(Bytes input, Read&& read, Same&& same) {
  std::vector<size_t> everywhere(input.size());
  std::iota(everywhere.begin(), everywhere.end(), size_t{1});
  const std::string reference = read(input, Cuts(everywhere));
  for (size_t cut = 0; cut < std::max<size_t>(input.size(), 1); cut += 1 + input.size() / 512) {
    const std::string log = read(input, Cuts(&cut, 1));
    if (!same(reference, log)) {
      return "cut at " + std::to_string(cut) + ":\n" + log + "octet by octet:\n" + reference;
    }
  }
  return "";
}

/// Whether two readings of one answer agree, `reference` being octet by octet. They may differ in one thing: an octet
/// behind the end that came with what is before it is refused at once, and the answer's end (or all of the answer) is
/// not handed up.
inline bool sameAnswer(const std::string& reference, const std::string& log) {
  if (reference == log) return true;
  const size_t verdict = reference.rfind("refused:");
  const size_t logVerdict = log.rfind("refused:");
  if (verdict == std::string::npos || logVerdict == std::string::npos) return false;
  const size_t lastEvent = verdict < 2 ? 0 : reference.rfind('\n', verdict - 2) + 1;
  return reference.compare(lastEvent, 3, "end") == 0 && reference.starts_with(log.substr(0, logVerdict));
}

}  // namespace outrigger::testing
