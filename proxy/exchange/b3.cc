#include "proxy/exchange/b3.h"

#include <algorithm>
#include <optional>

namespace outrigger::exchange {
namespace {

using http::FieldList;
using http::Header;
using Sampling = B3::Sampling;

bool isId(Bytes text) {
  const bool digits = std::ranges::all_of(text, [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); });
  return digits && text.find_first_not_of('0') != Bytes::npos;
}

bool isTraceId(Bytes text) {
  return (text.size() == 16 || text.size() == 32) && isId(text);
}

bool isSpanId(Bytes text) {
  return text.size() == 16 && isId(text);
}

// 'd' asks for it whatever a sampler would say.
std::optional<Sampling> samplingOf(Bytes text) {
  if (text == "1" || text == "d" || text == "true") return Sampling::Accepted;
  if (text == "0" || text == "false") return Sampling::Denied;
  return std::nullopt;
}

Bytes takePart(Bytes& text) {
  const Bytes part = text.substr(0, text.find('-'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

// TRACE-SPAN, TRACE-SPAN-SAMPLING, TRACE-SPAN-SAMPLING-PARENT, or SAMPLING alone.
B3 readSingle(Bytes text) {
  if (const auto sampling = samplingOf(text)) return {.traceId = {}, .spanId = {}, .sampling = *sampling};
  if (text.ends_with('-')) return {};
  B3 b3;
  b3.traceId = takePart(text);
  b3.spanId = takePart(text);
  if (!isTraceId(b3.traceId) || !isSpanId(b3.spanId)) return {};
  if (text.empty()) return b3;
  const auto sampling = samplingOf(takePart(text));
  if (!sampling || (!text.empty() && !isSpanId(text))) return {};
  b3.sampling = *sampling;
  return b3;
}

// Empty where it is there twice: nobody knows which counts.
Bytes onlyValue(const FieldList& fields, Header name) {
  return fields.count(name) == 1 ? fields.value(name) : Bytes();
}

B3 readMany(const FieldList& fields) {
  B3 b3{.traceId = onlyValue(fields, Header::XB3TraceId), .spanId = onlyValue(fields, Header::XB3SpanId)};
  if (!isTraceId(b3.traceId) || !isSpanId(b3.spanId)) b3 = {};
  b3.sampling = samplingOf(onlyValue(fields, Header::XB3Sampled)).value_or(Sampling::Undecided);
  if (onlyValue(fields, Header::XB3Flags) == "1") b3.sampling = Sampling::Accepted;
  return b3;
}

}  // namespace

B3 readB3(const FieldList& fields) {
  const Bytes single = onlyValue(fields, Header::B3);
  const B3 b3 = single.empty() ? B3() : readSingle(single);
  const bool says = !b3.traceId.empty() || b3.sampling != Sampling::Undecided;
  return says ? b3 : readMany(fields);
}

}  // namespace outrigger::exchange
