#include "tests/support/sim/message.h"

namespace outrigger::sim {

int Message::status() const {
  return static_cast<int>(numberIn(head.substr(9, 3), 0));  // behind "HTTP/1.1 "
}

Bytes Message::fieldIn(Bytes head, Bytes name) {
  for (size_t end = head.find('\n'); end != Bytes::npos;) {
    const size_t begin = end + 1;
    end = head.find('\n', begin);
    const Bytes line = head.substr(begin, end - begin);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (equalsIgnoreCase(line.substr(0, name.size()), name))
      return trimSpace(line.substr(name.size() + 1, line.size() - name.size() - 2));
  }
  return {};
}

std::optional<Message> firstMessage(Bytes input) {
  const size_t end = input.find("\r\n\r\n");
  if (end == Bytes::npos) return std::nullopt;
  Message message{.head = input.substr(0, end + 4), .body = {}};
  const size_t length = numberIn(message.field("content-length"), 0);
  if (input.size() - message.head.size() < length) return std::nullopt;
  message.body = input.substr(message.head.size(), length);
  return message;
}

uint64_t numberIn(Bytes text, uint64_t otherwise) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

}  // namespace outrigger::sim
