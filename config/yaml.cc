#include "config/yaml.h"

#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "config/lines.h"
#include "config/yaml_slip.h"

namespace outrigger::config {
namespace {

// A list or map that is being read.
struct Frame {
  Node::Kind kind;
  Origin origin;
  bool broken = false;  // is no map after all and was reported: it ends as Invalid
  std::vector<Node> items{};
  std::vector<Node::Entry> entries{};
  std::unordered_set<std::string> keys{};
  std::optional<Node::Entry> open{};  // a key that waits for its value
  bool skipValue = false;             // of a key that was reported
  bool emptyKey = false;              // has no place of its own: reported with its value
};

class Reader {
 public:
  Reader(Source source, Dialect dialect, Diagnostics& diagnostics, const Lines& lines)
      : source_(source), dialect_(dialect), diagnostics_(diagnostics), lines_(lines), last_(lines.place(0)) {}

  std::optional<Node> read();

 private:
  bool step(const fy_event& event);
  bool open(Node::Kind kind, fy_token* start);
  void close();
  void scalar(const fy_event& event);
  void alias(fy_token* token);
  void take(Node node);
  void takeKey(Frame& frame, const Node& node);
  void refuse(fy_token* anchor, fy_token* tag);
  void syntaxError(fy_diag& diag);
  Origin originOf(fy_token* token);

  /// What to write where something is shared by anchor, alias or merge.
  Bytes insteadOfSharing() const {
    return dialect_ == Dialect::Config ? "a policy of its own, with `extends`" : "the values themselves";
  }

  Source source_;
  Dialect dialect_;
  Diagnostics& diagnostics_;
  const Lines& lines_;
  std::vector<Frame> frames_;
  std::optional<Node> root_;
  Place last_;  // of the latest token that has a place; an empty value stands there
  size_t documents_ = 0;
};

struct Destroy {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};

void swallow(fy_diag*, void*, const char*, size_t) {}

std::unique_ptr<fy_diag, Destroy> silentDiag() {
  fy_diag_cfg config;
  fy_diag_cfg_default(&config);
  config.fp = nullptr;
  config.output_fn = swallow;
  std::unique_ptr<fy_diag, Destroy> diag(fy_diag_create(&config));
  if (diag) fy_diag_set_collect_errors(diag.get(), true);
  return diag;
}

Bytes textOf(fy_token* token) {
  size_t size = 0;
  const char* text = token == nullptr ? nullptr : fy_token_get_text(token, &size);
  return text == nullptr ? Bytes() : Bytes(text, size);
}

bool isQuote(fy_scalar_style style) {
  return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

std::optional<Node> Reader::read() {
  const auto diag = silentDiag();
  fy_parse_cfg config{};
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
  config.diag = diag.get();
  const std::unique_ptr<fy_parser, Destroy> parser(diag ? fy_parser_create(&config) : nullptr);
  const Bytes text = diagnostics_.text();
  if (!parser || fy_parser_set_string(parser.get(), text.data(), text.size()) != 0) {
    diagnostics_.report(Code::Syntax, last_, "the YAML library could not be started: is there memory left?");
    return std::nullopt;
  }
  while (fy_event* event = fy_parser_parse(parser.get())) {
    const bool goOn = step(*event);
    fy_parser_event_free(parser.get(), event);
    if (!goOn) return std::nullopt;
  }
  if (fy_parser_get_stream_error(parser.get())) {
    syntaxError(*diag);
    return std::nullopt;
  }
  const bool empty = !root_ || root_->kind() == Node::Kind::Null;
  if (empty && dialect_ == Dialect::Manifest) return Node::null({lines_.place(0), source_});
  if (empty) {
    diagnostics_.report(Code::EmptyFile, lines_.place(0), "the file is empty", "version: 1");
    return std::nullopt;
  }
  return root_;
}

bool Reader::step(const fy_event& event) {
  switch (event.type) {
    case FYET_DOCUMENT_START:
      if (++documents_ == 1) return true;
      diagnostics_.report(Code::SeveralDocuments, originOf(event.document_start.document_start).place,
                          "a second document begins here", "one document for each file");
      return false;
    case FYET_MAPPING_START:
      refuse(event.mapping_start.anchor, event.mapping_start.tag);
      return open(Node::Kind::Map, event.mapping_start.mapping_start);
    case FYET_SEQUENCE_START:
      refuse(event.sequence_start.anchor, event.sequence_start.tag);
      return open(Node::Kind::List, event.sequence_start.sequence_start);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END: close(); return true;
    case FYET_SCALAR: scalar(event); return true;
    case FYET_ALIAS: alias(event.alias.anchor); return true;
    default: return true;
  }
}

bool Reader::open(Node::Kind kind, fy_token* start) {
  const Origin origin = originOf(start);
  if (frames_.size() >= kMostLevels) {
    diagnostics_.report(Code::TooDeep, origin.place, "more than 64 lists and maps stand in one another here");
    return false;
  }
  frames_.push_back({.kind = kind, .origin = origin});
  return true;
}

void Reader::close() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.broken) return take(Node::invalid(frame.origin));
  take(frame.kind == Node::Kind::Map ? Node::map(std::move(frame.entries), frame.origin)
                                     : Node::list(std::move(frame.items), frame.origin));
}

void Reader::scalar(const fy_event& event) {
  fy_token* token = event.scalar.value;
  refuse(event.scalar.anchor, event.scalar.tag);
  if (token == nullptr) return take(Node::null({last_, source_}));
  const fy_scalar_style style = fy_scalar_token_get_style(token);
  Origin origin = originOf(token);
  if (isQuote(style) && origin.place.column > 1) --origin.place.column;  // the library's mark stands behind the quote
  const Bytes text = textOf(token);
  if (style == FYSS_PLAIN && text.empty()) return take(Node::null(origin));
  const fy_mark* start = fy_token_start_mark(token);
  const fy_mark* end = fy_token_end_mark(token);
  const bool longPlain = style == FYSS_PLAIN && start != nullptr && end != nullptr && start->line != end->line;
  if (longPlain && dialect_ == Dialect::Config) {
    diagnostics_.report(
        Code::Syntax, origin.place,
        "this value goes on in the next line: a comma is missing, or the indentation is wrong, or it needs quotes");
    return take(Node::invalid(origin));
  }
  take(Node::scalar(std::string(text), style != FYSS_PLAIN, origin));
}

void Reader::alias(fy_token* token) {
  Origin origin = originOf(token);
  if (origin.place.column > 1) --origin.place.column;  // behind the asterisk
  const SyntaxSlip slip = explainAlias("*" + std::string(textOf(token)), origin.place);
  diagnostics_.report(slip.code, slip.place, slip.message, slip.tryText);
  take(Node::invalid(origin));
}

// Gives a finished value to the list or map around it.
void Reader::take(Node node) {
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  if (frame.kind == Node::Kind::List) {
    frame.items.push_back(std::move(node));
  } else if (frame.skipValue) {
    frame.skipValue = false;
    if (std::exchange(frame.emptyKey, false)) diagnostics_.report(Code::BadKey, node.place(), "a key is missing here");
  } else if (frame.open) {
    frame.open->value = std::move(node);
    frame.entries.push_back(std::move(*frame.open));
    frame.open.reset();
  } else {
    takeKey(frame, node);
  }
}

void Reader::takeKey(Frame& frame, const Node& node) {
  frame.skipValue = true;
  if (node.isInvalid()) return;
  if (node.kind() == Node::Kind::Null) {
    frame.emptyKey = true;
  } else if (!node.isScalar() || node.text().empty()) {
    const auto address = unquotedAddress(lines_.line(node.place().line), node.place().column);
    if (address) {
      frame.broken = true;
      diagnostics_.report(Code::NotAnAddress, node.place(),
                          "YAML reads the address " + inQuotes(address->text) + " as a list: it needs quotes",
                          "\"" + address->text + "\"");
    } else {
      diagnostics_.report(Code::BadKey, node.place(), "a key must be a text that is not empty");
    }
  } else if (node.is("<<") && !node.quoted()) {
    diagnostics_.report(Code::Alias, node.place(), "`<<` merges maps in YAML, which is refused",
                        std::string(insteadOfSharing()));
  } else if (dialect_ == Dialect::Config && node.text().find("${") != Bytes::npos) {
    diagnostics_.report(Code::BadKey, node.place(), "the environment is not put into keys: " + inQuotes(node.text()));
  } else if (!frame.keys.emplace(node.text()).second) {
    diagnostics_.report(Code::DuplicateKey, node.place(), "the key " + inQuotes(node.text()) + " stands here twice");
  } else {
    frame.skipValue = false;
    frame.open = Node::Entry{std::string(node.text()), node.place(), {}};
  }
}

void Reader::refuse(fy_token* anchor, fy_token* tag) {
  if (anchor != nullptr) {
    diagnostics_.report(Code::Alias, originOf(anchor).place,
                        "the anchor " + inQuotes("&" + std::string(textOf(anchor))) + " is refused",
                        std::string(insteadOfSharing()));
  }
  if (tag != nullptr) {
    diagnostics_.report(Code::Tag, originOf(tag).place, "the tag " + inQuotes(textOf(tag)) + " is refused",
                        "the value without it");
  }
}

void Reader::syntaxError(fy_diag& diag) {
  void* iterator = nullptr;
  const fy_diag_error* error = fy_diag_errors_iterate(&diag, &iterator);
  if (error == nullptr) return diagnostics_.report(Code::Syntax, last_, "this is not YAML");
  const Place place{static_cast<uint32_t>(std::max(1, error->line)), static_cast<uint32_t>(std::max(1, error->column)),
                    diagnostics_.file()};
  const SyntaxSlip slip = explainSyntaxError(error->msg == nullptr ? Bytes() : Bytes(error->msg), place, lines_);
  diagnostics_.report(slip.code, slip.place, slip.message, slip.tryText);
}

Origin Reader::originOf(fy_token* token) {
  const fy_mark* mark = token == nullptr ? nullptr : fy_token_start_mark(token);
  if (mark != nullptr) last_ = lines_.place(mark->input_pos);
  return {last_, source_};
}

}  // namespace

std::optional<Node> readYaml(Source source, Diagnostics& diagnostics, Dialect dialect) {
  const Bytes text = diagnostics.text();
  if (text.size() > kMostOctets) {
    diagnostics.report(Code::TooLarge, {1, 1, diagnostics.file()}, "the file has more than 10 MiB");
    return std::nullopt;
  }
  const Lines lines(text, diagnostics.file());
  if (const auto slip = guardLibrary(text, lines)) {
    diagnostics.report(slip->code, slip->place, slip->message, slip->tryText);
    return std::nullopt;
  }
  return Reader(source, dialect, diagnostics, lines).read();
}

}  // namespace outrigger::config
