#include "proxy/http/h2/header_block.h"

#include <algorithm>

#include "proxy/http/h2/field_rules.h"
#include "proxy/http/h2/settings.h"

namespace outrigger::http::h2 {
namespace {

struct PseudoRow {
  Bytes name;
  HeaderBlock::Kind in;
};

// In the order of the enum.
constexpr std::array<PseudoRow, 6> kPseudos{{{":method", HeaderBlock::Kind::Request},
                                             {":scheme", HeaderBlock::Kind::Request},
                                             {":authority", HeaderBlock::Kind::Request},
                                             {":path", HeaderBlock::Kind::Request},
                                             {":protocol", HeaderBlock::Kind::Request},
                                             {":status", HeaderBlock::Kind::Response}}};

// A buffer that one large head has made is not kept for the small ones behind it.
constexpr size_t kMostKept = 8 * 1024;

}  // namespace

void HeaderBlock::begin(Kind kind, const HeadLimits& limits) {
  kind_ = kind;
  const bool trailers = kind == Kind::Trailers;
  mostBytes_ = trailers ? kMostTrailerBytes : limits.headBytes;
  mostFields_ = trailers ? kMostTrailers : limits.headFields;
  mostTarget_ = limits.targetBytes;
  bytes_ = 0;
  if (text_.capacity() > kMostKept) text_ = {};
  text_.clear();
  pieces_.clear();
  pseudos_ = {};
  flaw_.reset();
  cookies_ = 0;
}

void HeaderBlock::refuse(Reason reason, const char* detail) {
  if (!flaw_) flaw_ = downstreamError(reason, detail);
}

bool HeaderBlock::add(Bytes name, Bytes value) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (bytes_ > mostBytes_ * kHardHeadFactor) return false;
  const bool pseudo = name.starts_with(':');
  // The target counts with the head, but is refused with a reason of its own, as in HTTP/1.
  if (pseudo && name == ":path" && value.size() > mostTarget_)
    refuse(Reason::UriTooLong, "the target is longer than the limit");
  if (name.size() + value.size() + text_.size() > mostBytes_) {
    refuse(Reason::HeadersTooLarge, "the head is larger than the limit");
  }
  if (flaw_) return true;
  if (pseudo) {
    addPseudo(name, value);
  } else {
    addRegular(name, value);
  }
  return true;
}

void HeaderBlock::addPseudo(Bytes name, Bytes value) {
  const auto row = std::ranges::find(kPseudos, name, &PseudoRow::name);
  if (row == kPseudos.end() || row->in != kind_)
    return refuse(Reason::Malformed, "a pseudo field that does not belong here");
  if (!pieces_.empty()) return refuse(Reason::Malformed, "a pseudo field behind a regular one");
  PseudoPiece& piece = pseudos_[static_cast<size_t>(row - kPseudos.begin())];
  if (piece.present) return refuse(Reason::Malformed, "a pseudo field is repeated");
  if (const char* flaw = flawOfValue(value)) return refuse(Reason::Malformed, flaw);
  piece = {true, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(value.size())};
  text_.append(value);
}

void HeaderBlock::addRegular(Bytes name, Bytes value) {
  const Header id = headerOf(name);
  if (const char* flaw = flawOf(id, name, value)) return refuse(Reason::Malformed, flaw);
  if (kind_ == Kind::Trailers && isForbiddenInTrailers(id)) {
    return refuse(Reason::Malformed, "a field that trailers may not carry");
  }
  if (id == Header::Cookie) ++cookies_;
  // A cookie that was cut into crumbs is one field (RFC 9113 §8.2.3).
  if (pieces_.size() - (cookies_ > 1 ? cookies_ - 1 : 0) >= mostFields_) {
    return refuse(Reason::HeadersTooLarge, "more header fields than the limit");
  }
  pieces_.push_back({id, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(name.size()),
                     static_cast<uint32_t>(value.size())});
  text_.append(name).append(value);
}

Bytes HeaderBlock::value(Pseudo pseudo) const {
  const PseudoPiece& piece = pseudos_[static_cast<size_t>(pseudo)];
  return Bytes(text_).substr(piece.at, piece.size);
}

void HeaderBlock::joinCookies() {
  std::string joined = "cookie";
  const size_t nameSize = joined.size();
  for (const Piece& piece : pieces_) {
    if (piece.id != Header::Cookie) continue;
    if (joined.size() > nameSize) joined += "; ";
    joined += valueOf(piece);
  }
  const auto first = std::ranges::find(pieces_, Header::Cookie, &Piece::id);
  *first = {Header::Cookie, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(nameSize),
            static_cast<uint32_t>(joined.size() - nameSize)};
  pieces_.erase(std::remove_if(first + 1, pieces_.end(), [](const Piece& p) { return p.id == Header::Cookie; }),
                pieces_.end());
  text_ += joined;
  cookies_ = 1;
}

FieldList HeaderBlock::fields(std::span<Field> storage) {
  if (cookies_ > 1) joinCookies();
  FieldList list(storage);
  for (const Piece& piece : pieces_) list.add(piece.id, nameOf(piece), valueOf(piece));
  return list;
}

}  // namespace outrigger::http::h2
