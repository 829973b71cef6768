// Collects the fields of one header block as HPACK gives them out: all texts in one contiguous run, so that a head can
// be copied with one memcpy. Checks each field and their order as they come (RFC 9113 §8.1 to §8.3); a block that is
// found wrong is read to its end all the same, for the sake of the table that both sides keep. One thread; belongs to a
// session while a block is under way.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/error.h"
#include "proxy/http/head_limits.h"
#include "proxy/http/message.h"

namespace outrigger::http::h2 {

enum class Pseudo : uint8_t { Method, Scheme, Authority, Path, Protocol, Status };

class HeaderBlock {
 public:
  enum class Kind : uint8_t { Request, Response, Trailers };

  /// Trailers are held to less than heads are: octets, count.
  static constexpr size_t kMostTrailerBytes = 8192;
  static constexpr size_t kMostTrailers = 64;

  void begin(Kind kind, const HeadLimits& limits);

  /// Takes one field. False: the block is so large that its connection must end.
  bool add(Bytes name, Bytes value);

  /// Notes that the block is wrong, unless it was before; the first flaw counts.
  void refuse(Reason reason, const char* detail);

  /// What is wrong with it: Malformed, HeadersTooLarge or UriTooLong, as the downstream's fault.
  const std::optional<Error>& flaw() const { return flaw_; }

  // Once the block is complete; the views are valid until the next begin().

  Bytes text() const { return text_; }
  bool has(Pseudo pseudo) const { return pseudos_[static_cast<size_t>(pseudo)].present; }
  Bytes value(Pseudo pseudo) const;
  /// The regular fields, over `storage`; several cookies are joined to one (RFC 9113 §8.2.3). `storage` has room for
  /// size() fields at least.
  FieldList fields(std::span<Field> storage);
  size_t size() const { return pieces_.size(); }

 private:
  struct Piece {
    Header id;
    uint32_t at;
    uint32_t nameSize;
    uint32_t valueSize;
  };
  struct PseudoPiece {
    bool present = false;
    uint32_t at = 0;
    uint32_t size = 0;
  };

  void addPseudo(Bytes name, Bytes value);
  void addRegular(Bytes name, Bytes value);
  void joinCookies();
  Bytes nameOf(const Piece& piece) const { return Bytes(text_).substr(piece.at, piece.nameSize); }
  Bytes valueOf(const Piece& piece) const { return Bytes(text_).substr(piece.at + piece.nameSize, piece.valueSize); }

  Kind kind_ = Kind::Request;
  size_t mostBytes_ = 0;
  size_t mostFields_ = 0;
  size_t mostTarget_ = 0;
  size_t bytes_ = 0;  // as RFC 9113 §6.5.2 counts them
  std::string text_;
  std::vector<Piece> pieces_;
  std::array<PseudoPiece, 6> pseudos_{};
  std::optional<Error> flaw_;
  uint32_t cookies_ = 0;
};

}  // namespace outrigger::http::h2
