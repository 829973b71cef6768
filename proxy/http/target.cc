#include "proxy/http/target.h"

#include <algorithm>
#include <cstring>

namespace outrigger::http {
namespace {

Error malformed(const char* detail) {
  return downstreamError(Reason::Malformed, detail);
}

bool isVisible(Bytes text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

Target splitQuery(Bytes pathAndQuery) {
  const size_t mark = pathAndQuery.find('?');
  Target target;
  target.path = pathAndQuery.substr(0, mark);
  if (mark != Bytes::npos) target.query = pathAndQuery.substr(mark);
  return target;
}

Result<Target> parseAbsolute(Method method, Bytes text) {
  constexpr Bytes kScheme = "http://";
  if (!startsWithIgnoreCase(text, kScheme)) {
    return std::unexpected(malformed("the target is neither a path nor an http:// address"));
  }
  const Bytes slash = text.substr(kScheme.size() - 1, 1);
  text.remove_prefix(kScheme.size());
  const size_t end = std::min({text.find('/'), text.find('?'), text.size()});
  const Bytes authority = text.substr(0, end);
  if (authority.find('@') != Bytes::npos) return std::unexpected(malformed("userinfo in the target"));
  Target target = splitQuery(text.substr(end));
  // RFC 9112 §3.2.1 and §3.2.4: an empty path is "/", but of OPTIONS it means the whole server.
  if (target.path.empty()) target.path = method == Method::Options && target.query.empty() ? Bytes("*") : slash;
  target.authority = authority;
  target.absoluteForm = true;
  return target;
}

// The length of the dot or escaped dot that begins `text`; 0 if there is none.
size_t dotLength(Bytes text) {
  if (text.starts_with('.')) return 1;
  return startsWithIgnoreCase(text, "%2e") ? 3 : 0;
}

enum class Segment { Plain, Dot, DotDot };

Segment classify(Bytes segment) {
  const size_t first = dotLength(segment);
  if (first == 0) return Segment::Plain;
  segment.remove_prefix(first);
  if (segment.empty()) return Segment::Dot;
  const size_t second = dotLength(segment);
  return second != 0 && segment.size() == second ? Segment::DotDot : Segment::Plain;
}

// Calls each(segment) for the texts between the slashes of an absolute path; stops when `each` returns false.
template <class Each>
void forEachSegment(Bytes path, Each&& each) {
  while (!path.empty()) {
    path.remove_prefix(1);  // its slash
    const size_t slash = path.find('/');
    const bool last = slash == Bytes::npos;
    if (!each(path.substr(0, slash), last) || last) return;
    path.remove_prefix(slash);
  }
}

// The length of the slash that begins `text`, or of what some servers take for one; 0 if there is none.
size_t slashLength(Bytes text) {
  if (text.starts_with('/')) return 1;
  return startsWithIgnoreCase(text, "%2f") || startsWithIgnoreCase(text, "%5c") ? 3 : 0;
}

// True if a server that decodes before it splits, or that drops the parameters of a segment, sees a dot segment where
// hasDotSegments() sees none.
bool hidesDotSegment(Bytes path) {
  bool afterEscape = false;
  while (!path.empty()) {
    size_t end = 0;
    while (end < path.size() && slashLength(path.substr(end)) == 0) ++end;
    const size_t slash = slashLength(path.substr(end));
    const Bytes segment = path.substr(0, end);
    const size_t parameter = segment.find(';');
    const bool odd = afterEscape || slash > 1 || parameter != Bytes::npos;
    if (odd && classify(segment.substr(0, parameter)) != Segment::Plain) return true;
    afterEscape = slash > 1;
    path.remove_prefix(end + slash);
  }
  return false;
}

bool isHexDigit(char c) {
  const char l = lowerAscii(c);
  return isDigit(c) || (l >= 'a' && l <= 'f');
}

// What is wrong with a path; nullptr: nothing.
const char* flawOf(Bytes path) {
  if (path.find('\\') != Bytes::npos) return "a backslash in the path";
  for (size_t at = path.find('%'); at != Bytes::npos; at = path.find('%', at + 1)) {
    const Bytes digits = path.substr(at + 1, 2);
    if (digits.size() < 2 || !std::ranges::all_of(digits, isHexDigit)) return "a percent sign without two hex digits";
    if (digits == "00") return "an encoded NUL in the path";
  }
  const bool plain = path.find_first_of("%;") == Bytes::npos;
  return !plain && hidesDotSegment(path) ? "a dot segment that only some servers would see" : nullptr;
}

Result<Target> parseForm(Method method, Bytes text) {
  if (text.front() == '/') return splitQuery(text);
  if (text != "*") return parseAbsolute(method, text);
  if (method != Method::Options) return std::unexpected(malformed("the target * belongs to OPTIONS"));
  Target target;
  target.path = text;
  return target;
}

}  // namespace

Result<Target> parseTarget(Method method, Bytes text) {
  if (text.empty() || !isVisible(text)) return std::unexpected(malformed("an octet that a target may not hold"));
  auto target = parseForm(method, text);
  if (!target) return target;
  if (const char* flaw = flawOf(target->path)) return std::unexpected(malformed(flaw));
  return target;
}

bool hasDotSegments(Bytes path) {
  if (!path.starts_with('/')) return false;
  if (path.find("/.") == Bytes::npos && path.find("/%2") == Bytes::npos) return false;
  bool found = false;
  forEachSegment(path, [&](Bytes segment, bool) {
    found = classify(segment) != Segment::Plain;
    return !found;
  });
  return found;
}

Bytes removeDotSegments(Bytes path, char* out) {
  size_t size = 0;
  const auto append = [&](Bytes text) {
    std::memcpy(out + size, text.data(), text.size());
    size += text.size();
  };
  forEachSegment(path, [&](Bytes segment, bool last) {
    const Segment kind = classify(segment);
    if (kind == Segment::DotDot) {
      while (size > 0 && out[--size] != '/') {
      }
    }
    if (kind == Segment::Plain) {
      append("/");
      append(segment);
    } else if (last) {
      append("/");
    }
    return true;
  });
  return {out, size};
}

}  // namespace outrigger::http
