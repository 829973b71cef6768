#include "proxy/http/h1/body_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace outrigger::http::h1 {

struct BodyReader::Chunked {
  struct Line {
    std::string name;
    std::string value;
  };
  llhttp_t parser{};
  BodySink* sink = nullptr;
  const char* uncounted = nullptr;  // framing up to here has been counted
  size_t framing = 0;               // octets of it that no content has made up for
  size_t trailerBytes = 0;
  bool wordEmpty = true;  // of the name or value of the extension that is being read
  const char* refused = nullptr;
  bool complete = false;
  bool nameOpen = false;
  std::vector<Line> lines;
  std::vector<Field> storage;

  int refuse(const char* why) {
    refused = why;
    return -1;
  }

  int countFraming(const char* end) {
    framing += static_cast<size_t>(end - uncounted);
    uncounted = end;
    return framing > kMostFraming ? refuse("far more chunk framing than content") : 0;
  }
};

struct BodyReader::Callbacks {
  static Chunked& of(llhttp_t* parser) { return *static_cast<Chunked*>(parser->data); }

  static int onBody(llhttp_t* p, const char* at, size_t size) {
    Chunked& c = of(p);
    if (c.countFraming(at) != 0) return -1;
    c.uncounted = at + size;
    c.framing -= std::min(c.framing, size * kFramingPerOctet);
    c.sink->onBody({at, size});
    return 0;
  }

  // llhttp lets pass extensions without a name or, behind "=", without a value (RFC 9112 §7.1.1).
  static int onExtensionWord(llhttp_t* p, const char*, size_t size) {
    if (size > 0) of(p).wordEmpty = false;
    return 0;
  }
  static int onExtensionWordComplete(llhttp_t* p) {
    Chunked& c = of(p);
    return std::exchange(c.wordEmpty, true) ? c.refuse("an empty word in a chunk extension") : 0;
  }

  static int onTrailerName(llhttp_t* p, const char* at, size_t size) {
    Chunked& c = of(p);
    if (!c.nameOpen) {
      if (c.lines.size() == kMostTrailers) return c.refuse("too many trailers");
      c.lines.emplace_back();
      c.nameOpen = true;
    }
    return append(c, c.lines.back().name, at, size);
  }

  static int onTrailerNameComplete(llhttp_t* p) {
    Chunked& c = of(p);
    c.nameOpen = false;
    return isForbiddenInTrailers(headerOf(c.lines.back().name)) ? c.refuse("a field that trailers may not carry") : 0;
  }

  static int onTrailerValue(llhttp_t* p, const char* at, size_t size) {
    Chunked& c = of(p);
    return append(c, c.lines.back().value, at, size);
  }

  static int onComplete(llhttp_t* p) {
    of(p).complete = true;
    return HPE_PAUSED;
  }

  static int append(Chunked& c, std::string& text, const char* at, size_t size) {
    c.trailerBytes += size;
    if (c.trailerBytes > kMostTrailerBytes) return c.refuse("trailers are too large");
    text.append(at, size);
    return 0;
  }

  static const llhttp_settings_t& settings() {
    static const llhttp_settings_t instance = [] {
      llhttp_settings_t s;
      llhttp_settings_init(&s);
      s.on_body = onBody;
      s.on_chunk_extension_name = onExtensionWord;
      s.on_chunk_extension_name_complete = onExtensionWordComplete;
      s.on_chunk_extension_value = onExtensionWord;
      s.on_chunk_extension_value_complete = onExtensionWordComplete;
      s.on_header_field = onTrailerName;
      s.on_header_field_complete = onTrailerNameComplete;
      s.on_header_value = onTrailerValue;
      s.on_message_complete = onComplete;
      return s;
    }();
    return instance;
  }
};

BodyReader::BodyReader() = default;
BodyReader::~BodyReader() = default;

void BodyReader::start(BodyFraming framing, const llhttp_t& parser) {
  framing_ = framing;
  left_ = framing.length;
  complete_ = framing.isEmpty();
  if (chunked_ != nullptr) *chunked_ = {};
  if (framing.kind != BodyFraming::Kind::Chunked) return;
  if (chunked_ == nullptr) chunked_ = std::make_unique<Chunked>();
  chunked_->parser = parser;
  chunked_->parser.settings = const_cast<llhttp_settings_t*>(&Callbacks::settings());  // llhttp reads them only
}

Result<size_t> BodyReader::read(Bytes input, BodySink& sink) {
  switch (framing_.kind) {
    case BodyFraming::Kind::None: return 0;
    case BodyFraming::Kind::Length: return readLength(input, sink);
    case BodyFraming::Kind::Chunked: return readChunked(input, sink);
    case BodyFraming::Kind::UntilClose: break;
  }
  if (!input.empty()) sink.onBody(input);
  return input.size();
}

Result<size_t> BodyReader::readLength(Bytes input, BodySink& sink) {
  const auto size = static_cast<size_t>(std::min<uint64_t>(left_, input.size()));
  left_ -= size;
  complete_ = left_ == 0;
  if (size > 0) sink.onBody(input.substr(0, size));
  return size;
}

Result<size_t> BodyReader::readChunked(Bytes input, BodySink& sink) {
  Chunked& c = *chunked_;
  c.sink = &sink;
  c.uncounted = input.data();
  c.parser.data = &c;
  const llhttp_errno_t error = llhttp_execute(&c.parser, input.data(), input.size());
  const char* end = c.complete ? llhttp_get_error_pos(&c.parser) : input.data() + input.size();
  if ((error == HPE_OK || c.complete) && c.countFraming(end) == 0) {
    complete_ = c.complete;
    return static_cast<size_t>(end - input.data());
  }
  const char* why = c.refused != nullptr ? c.refused : llhttp_get_error_reason(&c.parser);
  return std::unexpected(downstreamError(Reason::Malformed, why));
}

FieldList BodyReader::trailers() {
  if (framing_.kind != BodyFraming::Kind::Chunked) return {};
  Chunked& c = *chunked_;
  c.storage.resize(c.lines.size());
  FieldList list{std::span<Field>(c.storage)};
  for (const Chunked::Line& line : c.lines) list.add(line.name, trimSpace(line.value));
  return list;
}

}  // namespace outrigger::http::h1
