#include "proxy/exchange/access_record.h"

#include "proxy/base/json_text.h"
#include "proxy/exchange/reply_table.h"

namespace outrigger::exchange {

void appendJson(std::string& out, const AccessRecord& record) {
  JsonWriter json(out);
  json.openObject();
  json.key("time").time(record.time);
  json.field("id", record.id).field("trace", record.trace);
  json.field("direction", record.direction == Direction::Inbound ? Bytes("inbound") : Bytes("outbound"));
  json.field("method", record.method).field("host", record.host).field("path", record.path);
  json.field("route", record.route).field("upstream", record.upstream);
  json.field("endpoint", record.endpoint != nullptr ? Bytes(record.endpoint->text()) : Bytes());
  json.field("status", uint64_t{record.status});
  if (!record.grpcStatus.empty()) json.field("grpc_status", record.grpcStatus);
  json.field("reason", replyRow(record.reason).word);
  json.field("attempts", uint64_t{record.attempts});
  json.field("request_bytes", record.requestBytes).field("response_bytes", record.responseBytes);
  json.key("duration_ms").milliseconds(record.duration);
  json.key("upstream_ms").milliseconds(record.upstreamTime);
  json.field("peer", record.peer != nullptr ? Bytes(record.peer->address.text()) : Bytes());
  json.field("identity", record.peer != nullptr ? Bytes(record.peer->identity) : Bytes());
  json.field("protocol", record.protocol);
  if (!record.headers.empty()) {
    json.key("headers").openObject();
    for (const auto& [name, value] : record.headers) json.field(name, value);
    json.closeObject();
  }
  json.closeObject();
  out += '\n';
}

}  // namespace outrigger::exchange
