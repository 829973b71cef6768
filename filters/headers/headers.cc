#include "filters/headers/headers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/texts.h"

namespace outrigger::filters::headers {
namespace {

using config::Code;
using config::Diagnostics;
using config::into;
using config::Node;

struct Edits {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::pair<std::string, std::string>> add;
  std::vector<std::string> remove;
};

struct Settings {
  Edits request;
  Edits response;
};

// ---- What may be written

// Beyond what the proxy writes itself: fields that concern one connection only (RFC 9110 §7.6.1), and Expect, which the
// proxy answers in its own time.
std::optional<config::Slip> checkFieldName(Bytes text) {
  if (auto slip = config::checkOwnHeaderName(text)) return slip;
  const http::Header header = http::headerOf(text);
  if (!http::isHopByHop(header) && header != http::Header::Expect) return std::nullopt;
  return config::Slip{Code::HeaderRefused, "concerns one connection and never passes the proxy", ""};
}

constexpr config::Type kName = config::text(checkFieldName);
constexpr config::Type kValue = config::text(config::checkHeaderValue);
constexpr int64_t kMostNames = 100;
constexpr config::Field kEditFields[] = {
    {"set", config::names(checkFieldName, kValue).anyCase(), "Each stands in the place of all fields of its name.",
     into<&Edits::set>},
    {"add", config::names(checkFieldName, kValue).anyCase(), "Each is put behind the fields of its name.",
     into<&Edits::add>},
    {"remove", config::list(kName, 1, kMostNames), "All fields of these names go, before anything is set or added.",
     into<&Edits::remove>},
};
constexpr config::Shape kEditShape = config::shapeOf<Edits>("a change of headers", kEditFields);
constexpr config::Field kFields[] = {
    {"request", config::map(kEditShape), "What is changed before the upstream sees the request.",
     into<&Settings::request>},
    {"response", config::map(kEditShape), "What is changed before the caller sees the answer.",
     into<&Settings::response>},
};
constexpr config::Shape kShape = config::shapeOf<Settings>("the filter `headers`", kFields);

// `remove` comes first, so a name in both would only be set: one of the two was meant otherwise.
void checkRemoved(const Node& edits, Diagnostics& diagnostics) {
  const Node* set = edits.find("set");
  const Node* remove = edits.find("remove");
  if (set == nullptr || remove == nullptr) return;
  for (const Node& name : remove->items()) {
    const bool both = std::ranges::any_of(
        set->entries(), [&](const Node::Entry& entry) { return equalsIgnoreCase(entry.key, name.text()); });
    if (!both) continue;
    diagnostics.report(Code::KeysExclude, name.place(),
                       config::inQuotes(name.text()) + " stands in `set` and in `remove`; `set` alone replaces it");
  }
}

void alsoCheck(const Node& settings, Diagnostics& diagnostics) {
  if (settings.entries().empty()) {
    diagnostics.report(Code::MissingKey, settings.place(), "the filter `headers` changes nothing",
                       "request: {set: {x-team: pay}}");
  }
  for (const Node::Entry& side : settings.entries()) {
    if (side.value.isMap() && side.value.entries().empty()) {
      diagnostics.report(Code::MissingKey, side.value.place(), config::inQuotes(side.key) + " changes nothing",
                         "set: {x-team: pay}");
    }
    checkRemoved(side.value, diagnostics);
  }
}

// ---- What is done

// A list that cannot grow where it is goes on in the arena.
void makeRoom(http::FieldList& fields, size_t more, Arena& arena) {
  const size_t wanted = fields.size() + more;
  if (fields.reserve(wanted)) return;
  http::FieldList larger(arena);
  larger.reserve(wanted);
  for (const http::Field& field : fields) larger.add(field.id, field.name, field.value);
  fields = larger;
}

void apply(const Edits& edits, http::FieldList& fields, Arena& arena) {
  for (const std::string& name : edits.remove) fields.remove(Bytes(name));
  makeRoom(fields, edits.set.size() + edits.add.size(), arena);
  for (const auto& [name, value] : edits.set) fields.set(Bytes(name), value);
  for (const auto& [name, value] : edits.add) fields.add(Bytes(name), value);
}

class Headers final : public exchange::Filter {
 public:
  explicit Headers(Settings settings) : settings_(std::move(settings)) {}

  exchange::Verdict onRequest(exchange::FilterContext& context, http::RequestHead& head) const override {
    apply(settings_.request, head.fields, context.arena());
    return exchange::Verdict::goOn();
  }

  void onResponse(exchange::FilterContext& context, http::ResponseHead& head) const override {
    apply(settings_.response, head.fields, context.arena());
  }

 private:
  const Settings settings_;
};

}  // namespace

constinit const config::FilterSchema kSchema{"headers", "Sets, adds and removes header fields of requests and answers.",
                                             config::map(kShape), alsoCheck};

std::shared_ptr<const exchange::Filter> make(const config::Node& node) {
  Settings settings;
  config::fill(settings, node, kShape);
  return std::make_shared<const Headers>(std::move(settings));
}

}  // namespace outrigger::filters::headers
