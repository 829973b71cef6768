#include "tests/support/sim/lines.h"

#include <algorithm>

namespace outrigger::sim {

class Lines::Line final : private TransportSink {
 public:
  Line(Lines& lines, std::unique_ptr<MemoryTransport> transport) : lines_(lines), transport_(std::move(transport)) {
    transport_->attach(*this);
  }

  void ask(Bytes octets, OnAnswer onAnswer) {
    onAnswer_ = std::move(onAnswer);
    transport_->write(octets);
  }
  void close(Transport::CloseMode how) { transport_->close(how); }
  size_t place = 0;  // among the lines

 private:
  void onBytes(Bytes data) override {
    if (input_.empty()) return read(data);
    input_ += data;
    read(input_);
  }
  void read(Bytes data) {
    const auto message = onAnswer_ ? firstMessage(data) : std::nullopt;
    if (!message) {
      if (input_.empty()) input_ = data;
      return;
    }
    const auto tell = std::exchange(onAnswer_, nullptr);
    const bool last = message->field("connection") == "close";
    if (!last) lines_.idle_.push_back(this);
    tell(message);
    input_.clear();
    if (last) lines_.remove(*this);
  }
  void onEnd() override { end(); }
  void onLost(const char*) override { end(); }
  void onDrained() override {}
  void end() {
    const auto tell = std::exchange(onAnswer_, nullptr);
    if (!tell) std::erase(lines_.idle_, this);
    lines_.remove(*this);
    if (tell) tell(std::nullopt);
  }

  Lines& lines_;
  std::unique_ptr<MemoryTransport> transport_;
  OnAnswer onAnswer_;
  std::string input_;  // of an answer that is not whole
};

Lines::Lines(Loop& loop, Open open) : loop_(loop), open_(std::move(open)) {}

Lines::~Lines() = default;

Lines::Line* Lines::ask(Bytes octets, OnAnswer onAnswer) {
  Line* line = nullptr;
  if (idle_.empty()) {
    auto transport = open_();
    if (transport == nullptr) return nullptr;
    lines_.push_back(std::make_unique<Line>(*this, std::move(transport)));
    line = lines_.back().get();
    line->place = lines_.size() - 1;
  } else {
    line = idle_.back();
    idle_.pop_back();
  }
  line->ask(octets, std::move(onAnswer));
  return line;
}

void Lines::leave(Line& line, Transport::CloseMode how) {
  remove(line, how);
}

void Lines::remove(Line& line, Transport::CloseMode how) {
  line.close(how);
  const size_t place = line.place;
  std::swap(lines_[place], lines_.back());
  lines_[place]->place = place;
  loop_.turn().graveyard.bury(std::move(lines_.back()));
  lines_.pop_back();
}

}  // namespace outrigger::sim
