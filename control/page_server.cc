#include "control/page_server.h"

#include <algorithm>
#include <array>

#include "proxy/base/transport.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/http/date.h"

namespace outrigger::control {
namespace {

using http::Header;
using http::Method;

// A page leaves in pieces of this size, and waits above the high-water mark. Small enough that what one callback
// gathers stays below that mark: whoever is above it has a transport that lags, and is told when it has caught up.
constexpr size_t kPiece = kHighWater / 4;

// Pages are of the moment, are never framed, and load nothing from anywhere.
constexpr http::Field kCommonFields[] = {
    {Header::CacheControl, "cache-control", "no-store"},
    {Header::Other, "x-content-type-options", "nosniff"},
    {Header::Other, "referrer-policy", "no-referrer"},
};
constexpr Bytes kNothingRuns = "default-src 'none'; frame-ancestors 'none'";

Page errorPage(uint16_t status, std::string sentence) {
  return {.status = status, .contentType = "application/json", .body = "{\"error\": \"" + sentence + "\"}\n"};
}

/// A list that may stand in several fields of a name, as one (RFC 9110 §5.3).
std::string allOf(const http::FieldList& fields, Bytes name) {
  std::string all;
  for (const http::Field& field : fields) {
    if (field.id != Header::Other || !equalsIgnoreCase(field.name, name)) continue;
    if (!all.empty()) all += ',';
    all += field.value;
  }
  return all;
}

/// The head of an answer, with what it points to. `contentType` and `security` are borrowed.
class PageHead {
 public:
  PageHead(uint16_t status, http::BodyFraming body, Bytes contentType, WallTime wall, Bytes security = kNothingRuns)
      : date_(wall) {
    head.status = status;
    head.body = body;
    head.fields = http::FieldList(storage_);
    head.fields.add(Header::Date, date_.text());
    head.fields.add(Header::ContentType, contentType);
    for (const http::Field& field : kCommonFields) head.fields.add(field.id, field.name, field.value);
    head.fields.add(Header::Other, "content-security-policy", security);
  }
  PageHead(const Page& page, Bytes allow, WallTime wall)
      : PageHead(page.status, http::BodyFraming::ofLength(page.body.size()), page.contentType, wall,
                 page.contentSecurityPolicy.empty() ? kNothingRuns : Bytes(page.contentSecurityPolicy)) {
    if (!allow.empty()) head.fields.add(Header::Allow, allow);
    if (page.gzipped) head.fields.add(Header::ContentEncoding, "gzip");
    if (!page.vary.empty()) head.fields.add(Bytes("vary"), Bytes(page.vary));
  }
  PageHead(const PageHead&) = delete;
  PageHead& operator=(const PageHead&) = delete;

  http::ResponseHead head;

 private:
  http::DateText date_;
  std::array<http::Field, 10> storage_;
};

}  // namespace

/// One request and its page, or feed. Owned by the server; buried when the answer has ended or nobody waits for it.
class PageServer::Visit final : public http::RequestSink {
 public:
  Visit(PageServer& server, const http::RequestHead& head, http::ResponseStream& stream);
  ~Visit();

  bool arriving() const { return !arrived_ && !answering_; }
  size_t held() const { return held_; }
  /// Another needs its place.
  void giveWay() { answer(errorPage(503, "others were quicker; ask again soon")); }

  /// Answers at once what needs no body.
  void begin(const http::RequestHead& head);

  void onRequestBody(Bytes data) override;
  void onRequestEnd(http::FieldList trailers) override;
  void onRequestLost(const Error& why, bool answerable) override;
  void onResponseDrained() override;

 private:
  class Feeder;

  GivePage giver();
  void openFeed(const OpenFeed& open, const PageRequest& request);
  bool feed(Bytes text);
  void endFeed();
  Page tooLarge() const;
  void answer(Page page, Bytes allow = {});
  void sendMore();
  void leave();
  // For a request to arrive and its page to be made, and once more for the page to be read.
  void wait() { server_.turn_.timers.arm(timer_, server_.turn_.now + server_.limits_.wait); }
  void letGoOfBody() { server_.held_ -= std::exchange(held_, 0); }
  void onTooLong();

  PageServer& server_;
  http::ResponseStream& stream_;
  PageRequest request_;
  const bool toHead_;
  size_t held_ = 0;  // octets of the body, as the server counts them
  bool arrived_ = false;
  bool answering_ = false;
  bool feeding_ = false;
  bool left_ = false;
  Page page_;
  size_t sent_ = 0;
  std::shared_ptr<Feeder> feeder_;                                 // told when the reader leaves
  std::shared_ptr<Visit*> self_ = std::make_shared<Visit*>(this);  // what a GivePage holds; emptied by the first page
  Timer<Visit, &Visit::onTooLong> timer_{*this};
};

/// What the maker of a feed holds.
class PageServer::Visit::Feeder final : public Feed {
 public:
  explicit Feeder(Visit& visit) : visit_(&visit) {}

  bool send(Bytes text) override { return visit_ != nullptr && visit_->feed(text); }
  bool open() const override { return visit_ != nullptr; }
  void end() override {
    told_ = nullptr;
    if (visit_ != nullptr) visit_->endFeed();
  }
  void onGone(std::function<void()> told) override { told_ = std::move(told); }

  void cutOff() {
    visit_ = nullptr;
    if (auto told = std::exchange(told_, nullptr)) told();
  }

 private:
  Visit* visit_;
  std::function<void()> told_;
};

PageServer::Visit::~Visit() {
  *self_ = nullptr;
  if (feeder_ != nullptr) feeder_->cutOff();
}

PageServer::Visit::Visit(PageServer& server, const http::RequestHead& head, http::ResponseStream& stream)
    : server_(server), stream_(stream), toHead_(head.method == Method::Head) {
  request_.method = toHead_ ? Method::Get : head.method;
  request_.path = head.path;
  request_.query = head.query.empty() ? head.query : head.query.substr(1);
  request_.host = head.authority;
  request_.actionMark =
      head.fields.count(Header::OutriggerAdmin) == 1 && head.fields.value(Header::OutriggerAdmin) == "1";
  request_.accept = allOf(head.fields, "accept");
  request_.acceptEncoding = allOf(head.fields, "accept-encoding");
  wait();
}

void PageServer::Visit::begin(const http::RequestHead& head) {
  if (server_.visits_.size() > server_.limits_.visits && !server_.makeRoom(*this, 0)) {
    return answer(errorPage(503, "too many requests are under way here; ask again soon"));
  }
  if (head.body.kind == http::BodyFraming::Kind::Length && head.body.length > server_.limits_.body) {
    return answer(tooLarge());
  }
  if (head.expectContinue) stream_.sendInterim(http::ResponseHead{.status = 100});
}

Page PageServer::Visit::tooLarge() const {
  const std::string most = std::to_string(server_.limits_.body / 1024);
  return errorPage(413, "the body of a request has at most " + most + " KiB here");
}

void PageServer::Visit::onRequestBody(Bytes data) {
  if (answering_) return;
  if (request_.body.size() + data.size() > server_.limits_.body) return answer(tooLarge());
  while (server_.held_ + data.size() > server_.limits_.bodies) {
    if (!server_.makeRoom(*this, 1)) return answer(errorPage(503, "too much is under way here; ask again soon"));
  }
  request_.body += data;
  held_ += data.size();
  server_.held_ += data.size();
}

void PageServer::Visit::onRequestEnd(http::FieldList) {
  if (answering_) return;
  arrived_ = true;
  const PageRequest request = std::move(request_);  // a page that is given at once ends this visit's use of it
  if (server_.guard_) {
    if (auto refusal = server_.guard_(request)) return answer(std::move(*refusal));
  }
  if (const Entry* entry = server_.find(request.method, request.path)) {
    if (const auto* open = std::get_if<OpenFeed>(&entry->make)) return openFeed(*open, request);
    return std::get<MakePage>(entry->make)(request, giver());
  }
  const std::string allow = server_.methodsOf(request.path);
  if (allow.empty()) return answer(errorPage(404, "there is no such page"));
  answer(errorPage(405, "this page knows other methods: " + allow), allow);
}

GivePage PageServer::Visit::giver() {
  return [self = self_](Page page) {
    if (Visit* visit = std::exchange(*self, nullptr)) visit->answer(std::move(page));
  };
}

void PageServer::Visit::openFeed(const OpenFeed& open, const PageRequest& request) {
  if (server_.feeds_ >= server_.limits_.feeds) return answer(errorPage(503, "as many as may are watching already"));
  feeder_ = std::make_shared<Feeder>(*this);
  auto begun = open(request, feeder_);
  if (auto* page = std::get_if<Page>(&begun)) {
    feeder_->cutOff();
    return answer(std::move(*page));
  }
  auto& begin = std::get<FeedHead>(begun);
  answering_ = feeding_ = true;
  *self_ = nullptr;
  letGoOfBody();
  timer_.disarm();
  ++server_.feeds_;
  page_.contentType = std::move(begin.contentType);
  PageHead head(200, http::BodyFraming::chunked(), page_.contentType, server_.turn_.wall);
  head.head.headOnly = toHead_;
  stream_.sendHead(head.head);
  if (toHead_) return endFeed();
  if (!begin.first.empty()) feed(begin.first);
}

bool PageServer::Visit::feed(Bytes text) {
  if (!feeding_ || left_) return false;
  if (stream_.pending() > kHighWater) return false;
  auto kept = std::make_unique<std::string>(text);
  stream_.sendBody(*kept);
  server_.turn_.graveyard.bury(std::move(kept));  // borrowed until the callback has settled
  if (stream_.pending() > kHighWater) wait();
  return true;
}

void PageServer::Visit::endFeed() {
  leave();
  stream_.sendEnd({});
}

void PageServer::Visit::onResponseDrained() {
  if (feeding_) return timer_.disarm();
  sendMore();
}

void PageServer::Visit::onRequestLost(const Error& why, bool answerable) {
  if (!answerable || answering_) return leave();
  const exchange::ReplyRow& row = exchange::replyRow(why.reason);
  answer(errorPage(row.status, std::string(row.sentence)));
}

void PageServer::Visit::answer(Page page, Bytes allow) {
  answering_ = true;
  *self_ = nullptr;
  letGoOfBody();
  request_.body = {};
  wait();
  page_ = std::move(page);
  PageHead head(page_, allow, server_.turn_.wall);
  head.head.headOnly = toHead_;
  stream_.sendHead(head.head);
  if (toHead_) sent_ = page_.body.size();
  sendMore();
}

void PageServer::Visit::sendMore() {
  if (!answering_ || left_) return;
  while (sent_ < page_.body.size()) {
    if (stream_.pending() > kHighWater) return;
    const Bytes piece = Bytes(page_.body).substr(sent_, kPiece);
    sent_ += piece.size();
    stream_.sendBody(piece);
  }
  if (stream_.pending() > kHighWater) return;  // before the next request's page comes on top
  leave();
  stream_.sendEnd({});
}

// The object stays whole until the turn has unwound: it may be on the stack, and its page is still being written.
void PageServer::Visit::leave() {
  if (std::exchange(left_, true)) return;
  if (std::exchange(feeding_, false)) --server_.feeds_;
  if (feeder_ != nullptr) feeder_->cutOff();
  *self_ = nullptr;
  letGoOfBody();
  timer_.disarm();
  auto& visits = server_.visits_;
  const auto mine = std::ranges::find(visits, this, [](const auto& visit) { return visit.get(); });
  server_.turn_.graveyard.bury(std::move(*mine));
  visits.erase(mine);
}

void PageServer::Visit::onTooLong() {
  if (!answering_ && !arrived_) return answer(errorPage(408, "the request's body did not arrive in time"));
  if (!answering_) return answer(errorPage(503, "this page could not be made in time"));
  leave();
  stream_.abort();
}

// ---- The server

PageServer::PageServer(Turn& turn, Limits limits) : turn_(turn), limits_(limits) {}

PageServer::~PageServer() = default;

void PageServer::add(Method method, std::string path, MakePage make) {
  entries_.push_back({method, std::move(path), std::move(make)});
}

void PageServer::addBelow(Method method, std::string prefix, MakePage make) {
  entries_.push_back({method, std::move(prefix), std::move(make), true});
}

void PageServer::addFeed(std::string path, OpenFeed open) {
  entries_.push_back({Method::Get, std::move(path), std::move(open)});
}

bool PageServer::makeRoom(const Visit& fresh, size_t octets) {
  const auto slow = std::ranges::find_if(visits_, [&](const auto& visit) {
    return visit.get() != &fresh && visit->arriving() && visit->held() >= octets;
  });
  if (slow == visits_.end()) return false;
  (*slow)->giveWay();
  return true;
}

const PageServer::Entry* PageServer::find(Method method, Bytes path) const {
  const auto found =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.method == method && entry.takes(path); });
  return found == entries_.end() ? nullptr : &*found;
}

std::string PageServer::methodsOf(Bytes path) const {
  std::string methods;
  for (const Entry& entry : entries_) {
    if (!entry.takes(path)) continue;
    methods += (methods.empty() ? "" : ", ") + std::string(http::methodName(entry.method));
    if (entry.method == Method::Get) methods += ", HEAD";
  }
  return methods;
}

http::RequestSink& PageServer::onRequest(http::RequestHead& head, http::ResponseStream& stream) {
  visits_.push_back(std::make_unique<Visit>(*this, head, stream));
  Visit& visit = *visits_.back();
  visit.begin(head);
  return visit;
}

void PageServer::onBadRequest(const Error& why, http::ResponseStream& stream) {
  const exchange::ReplyRow& row = exchange::replyRow(why.reason);
  auto page = std::make_unique<Page>(errorPage(row.status, std::string(row.sentence)));
  PageHead head(*page, {}, turn_.wall);
  stream.sendHead(head.head);
  stream.sendBody(page->body);
  stream.sendEnd({});
  turn_.graveyard.bury(std::move(page));  // borrowed until the callback has settled
}

}  // namespace outrigger::control
