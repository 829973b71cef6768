#include "proxy/exchange/local_reply.h"

#include "proxy/exchange/forwarding.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/http/date.h"

namespace outrigger::exchange {

using http::Header;

LocalAnswer makeLocalAnswer(const LocalReply& reply, bool toHead, WallTime wall, Arena& arena) {
  const ReplyRow& row = replyRow(reply.reason);
  LocalAnswer answer;
  answer.head.status = reply.status != 0 ? reply.status : row.status;
  const Bytes sentence = reply.detail.empty() ? row.sentence : reply.detail;
  answer.body = reply.body ? *reply.body : arena.join("outrigger: ", row.word, ": ", sentence, "\n");
  const bool bodiless = answer.head.status == 204 || answer.head.status == 304;
  if (bodiless) answer.body = {};
  answer.head.body = bodiless ? http::BodyFraming::none() : http::BodyFraming::ofLength(answer.body.size());
  answer.head.headOnly = toHead;

  http::FieldList& fields = answer.head.fields;
  fields = http::FieldList(arena);
  fields.add(Header::Date, arena.copy(http::DateText(wall).text()));
  fields.add(Header::OutriggerReason, row.word);
  for (const http::Field& field : reply.fields) fields.add(field.id, field.name, field.value);
  if (!bodiless && !fields.has(Header::ContentType)) fields.add(Header::ContentType, "text/plain; charset=utf-8");
  return answer;
}

LocalReply redirectReply(const Redirect& redirect, const http::RequestHead& request, Arena& arena) {
  const Bytes host = redirect.host ? Bytes(*redirect.host) : request.authority;
  Bytes path = request.path;
  if (redirect.path) path = *redirect.path;
  if (redirect.prefix) path = replacePrefix(request.path, redirect.matchedPrefix, *redirect.prefix, arena);
  LocalReply reply{.status = redirect.status, .reason = Reason::Redirected};
  reply.fields = http::FieldList(arena);
  const bool keepQuery = !redirect.path || redirect.path->find('?') == std::string::npos;
  reply.fields.add(Header::Location,
                   arena.join(redirect.scheme, "://", host, path, keepQuery ? request.query : Bytes()));
  return reply;
}

LocalReply respondReply(const Respond& respond, Arena& arena) {
  LocalReply reply{.status = respond.status, .reason = Reason::Responded, .body = Bytes(respond.body)};
  reply.fields = http::FieldList(arena);
  for (const auto& [name, value] : respond.headers) reply.fields.add(name, value);
  return reply;
}

}  // namespace outrigger::exchange
