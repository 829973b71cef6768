// Reads Server-Sent Events out of a stream of octets, in whatever pieces it comes (HTML Living Standard §9.2.6). Pure.
#pragma once

#include <functional>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::cli {

class EventStream {
 public:
  /// `name` is "message" where the event has none; both are valid during the call.
  using OnEvent = std::function<void(Bytes name, Bytes data)>;

  explicit EventStream(OnEvent onEvent) : onEvent_(std::move(onEvent)) {}

  /// Calls onEvent for each event that is whole now. A line beyond 1 MiB is dropped.
  void take(Bytes text);

 private:
  void takeLine(Bytes line);

  OnEvent onEvent_;
  std::string line_;  // begun
  std::string name_;
  std::string data_;
  bool hasData_ = false;
};

}  // namespace outrigger::control::cli
