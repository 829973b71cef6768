// What the process says of itself, on stderr: one JSON object a line, or plain text where a person watches. Field names
// are a closed list, written at each call; values never hold bytes of a request. Any thread.
#pragma once

#include <atomic>
#include <initializer_list>
#include <utility>

#include "config/model.h"
#include "control/log_writer.h"

namespace outrigger::control {

class Log {
 public:
  using Level = config::LogModel::Level;
  using Fields = std::initializer_list<std::pair<Bytes, Bytes>>;

  /// `writer` outlives the log. `plain`: text instead of JSON.
  Log(LogWriter& writer, bool plain) : writer_(writer), plain_(plain) {}

  void setLevel(Level level) { level_.store(level, std::memory_order_relaxed); }

  void debug(Bytes event, Fields fields = {}) { write(Level::Debug, event, fields); }
  void info(Bytes event, Fields fields = {}) { write(Level::Info, event, fields); }
  void warn(Bytes event, Fields fields = {}) { write(Level::Warn, event, fields); }
  void error(Bytes event, Fields fields = {}) { write(Level::Error, event, fields); }

 private:
  void write(Level level, Bytes event, Fields fields);

  LogWriter& writer_;
  const bool plain_;
  std::atomic<Level> level_{Level::Info};
};

}  // namespace outrigger::control
