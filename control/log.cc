#include "control/log.h"

#include <array>

#include "proxy/base/json_text.h"
#include "proxy/net/event_loop.h"

namespace outrigger::control {
namespace {

Bytes levelWord(Log::Level level) {
  static constexpr std::array<Bytes, 4> kWords{"debug", "info", "warn", "error"};
  return kWords[static_cast<size_t>(level)];
}

std::string asJson(Log::Level level, Bytes event, Log::Fields fields) {
  std::string line;
  JsonWriter json(line);
  json.openObject().key("time").time(net::wallNow());
  json.field("level", levelWord(level)).field("event", event);
  for (const auto& [name, value] : fields) json.field(name, value);
  json.closeObject();
  return line;
}

std::string asText(Log::Level level, Bytes event, Log::Fields fields) {
  std::string line;
  JsonWriter(line).time(net::wallNow());
  line = line.substr(12, 12);  // the time of day, of "2026-01-31T12:00:00.123Z" in quotes
  line.append(" ").append(levelWord(level)).append(" ").append(event);
  for (const auto& [name, value] : fields) line.append("  ").append(name).append("=").append(value);
  return line;
}

}  // namespace

void Log::write(Level level, Bytes event, Fields fields) {
  if (level < level_.load(std::memory_order_relaxed)) return;
  std::string line = plain_ ? asText(level, event, fields) : asJson(level, event, fields);
  line += '\n';
  writer_.write(LogWriter::Stream::Error, line);
}

}  // namespace outrigger::control
