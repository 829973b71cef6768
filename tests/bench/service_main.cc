// bench_service: the services of the loopback experiments, driven by lines on stdin, each answered by one on stdout.
//
//   port P law constant 20ms | exponential 10ms | lognormal 4ms 0.5
//   port P scale 1.45           of every service time          port P extra 0.1 500ms   a share takes so much longer
//   port P slots 10             the others wait; 0: no limit   port P notices yes       stops when the caller leaves
//   port P fault 0.5 unavailable | reset | hang                port P crash 0.03 0.5    the second: after the commit
//   port P ledger plain | keys | no                            port P deadline 200ms    after the request's x-sent
//   port P healthy no           what /healthz says
//   port P call 127.0.0.1:9010 HOST   an app that needs an answer of HOST for each of its own
//   port P stall 3s | kill | revive
//   counts | reset | end
//
// `port A-B ...` speaks to several. Ends at `end`, when stdin closes, and after half an hour.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/quantity.h"
#include "tests/bench/service.h"

namespace outrigger::bench {
namespace {

constexpr Duration kLongestLife = 30min;

Duration span(std::istream& words) {
  std::string text;
  words >> text;
  const auto read = config::readDuration(text);
  if (!read) throw std::runtime_error("`" + text + "` " + read.error().what);
  return *read;
}

double number(std::istream& words) {
  double value = 0;
  if (!(words >> value)) throw std::runtime_error("a number is missing");
  return value;
}

std::string word(std::istream& words) {
  std::string text;
  if (!(words >> text)) throw std::runtime_error("a word is missing");
  return text;
}

Law law(std::istream& words) {
  const std::string kind = word(words);
  if (kind == "constant") return {Law::Kind::Constant, span(words), 0};
  if (kind == "exponential") return {Law::Kind::Exponential, span(words), 0};
  if (kind != "lognormal") throw std::runtime_error("no such law: " + kind);
  const Duration median = span(words);
  return {Law::Kind::Lognormal, median, number(words)};
}

Fault fault(const std::string& name) {
  if (name == "unavailable") return Fault::Unavailable;
  if (name == "reset") return Fault::Reset;
  if (name == "hang") return Fault::Hang;
  throw std::runtime_error("no such fault: " + name);
}

void command(Endpoint& endpoint, std::istream& words) {
  const std::string what = word(words);
  Behaviour& behaviour = endpoint.behaviour;
  if (what == "law") {
    behaviour.law = law(words);
  } else if (what == "scale") {
    behaviour.scale = number(words);
  } else if (what == "extra") {
    behaviour.extraShare = number(words);
    behaviour.extra = span(words);
  } else if (what == "slots") {
    behaviour.slots = static_cast<size_t>(number(words));
  } else if (what == "notices") {
    behaviour.notices = word(words) == "yes";
  } else if (what == "fault") {
    behaviour.faultShare = number(words);
    behaviour.fault = fault(word(words));
  } else if (what == "crash") {
    behaviour.crashShare = number(words);
    behaviour.afterCommit = number(words);
  } else if (what == "ledger") {
    const std::string kind = word(words);
    behaviour.ledger = kind != "no";
    behaviour.knowsKeys = kind == "keys";
  } else if (what == "deadline") {
    behaviour.deadline = span(words);
  } else if (what == "healthy") {
    behaviour.healthy = word(words) == "yes";
  } else if (what == "call") {
    const auto through = Address::parse(word(words));
    if (!through) throw std::runtime_error(through.error());
    endpoint.callOn(*through, word(words));
  } else if (what == "stall") {
    endpoint.stall(span(words));
  } else if (what == "kill") {
    endpoint.kill();
  } else if (what == "revive") {
    endpoint.revive();
  } else if (what != "open") {
    throw std::runtime_error("no such command: " + what);
  }
}

nlohmann::json counted(const Counts& counts) {
  nlohmann::json met = nlohmann::json::array();
  for (const auto& [arrival, answer] : counts.met) {
    met.push_back({arrival.time_since_epoch() / 1us, answer.time_since_epoch() / 1us});
  }
  return {{"begun", counts.begun},
          {"finished", counts.finished},
          {"departed", counts.departed},
          {"stopped", counts.stopped},
          {"worked_ms", seconds(counts.worked) * 1000},
          {"wasted_ms", seconds(counts.wasted) * 1000},
          {"late", counts.late},
          {"faults", counts.faults},
          {"read_twice", counts.readTwice},
          {"entries", counts.entries},
          {"duplicates", counts.duplicates},
          {"most_queued", counts.mostQueued},
          {"series", counts.series},
          {"met_us", met},
          {"left_after_ms", counts.leftAfter}};
}

std::string obey(Service& service, Instant now, const std::string& line) {
  std::istringstream words(line);
  const std::string first = word(words);
  if (first == "counts") {
    nlohmann::json all{{"since_us", service.countingSince().time_since_epoch() / 1us},
                       {"now_us", now.time_since_epoch() / 1us}};
    for (auto& [port, endpoint] : service.endpoints()) all["ports"][std::to_string(port)] = counted(endpoint->counts);
    return all.dump();
  }
  if (first == "reset") {
    service.resetCounts();
    return "{}";
  }
  if (first != "port") throw std::runtime_error("no such command: " + first);
  int from = 0;
  words >> from;
  int to = from;
  if (words.peek() == '-') words.ignore() >> to;
  const auto rest = words.tellg();
  for (int port = from; port <= to; ++port) {
    words.clear();
    words.seekg(rest);
    command(service.at(static_cast<uint16_t>(port)), words);
  }
  return "{}";
}

/// Reads the lines.
class Control {
 public:
  Control(net::EventLoop& loop, Service& service) : loop_(loop), service_(service) {
    uv_poll_init(loop.raw(), watcher_.get(), STDIN_FILENO);
    watcher_->data = this;
    uv_poll_start(watcher_.get(), UV_READABLE, [](uv_poll_t* poll, int, int) {
      auto& self = *static_cast<Control*>(poll->data);
      const net::EventLoop::Callback callback(self.loop_);
      self.read();
    });
    loop.turn().timers.arm(life_, loop.turn().now + kLongestLife);
  }

 private:
  void read() {
    char buffer[4096];
    const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) return end();
    input_.append(buffer, static_cast<size_t>(size));
    for (size_t at; (at = input_.find('\n')) != std::string::npos;) {
      const std::string line = input_.substr(0, at);
      input_.erase(0, at + 1);
      if (line == "end") return end();
      try {
        std::puts(obey(service_, loop_.turn().now, line).c_str());
      } catch (const std::exception& error) {
        std::puts(nlohmann::json{{"error", error.what()}, {"line", line}}.dump().c_str());
      }
    }
    std::fflush(stdout);
  }
  void end() { loop_.stop(); }

  net::EventLoop& loop_;
  Service& service_;
  net::HandleBox<uv_poll_t> watcher_;
  std::string input_;
  Timer<Control, &Control::end> life_{*this};
};

}  // namespace
}  // namespace outrigger::bench

int main() {
  outrigger::net::EventLoop loop(outrigger::net::randomSeed());
  outrigger::bench::Service service(loop);
  const outrigger::bench::Control control(loop, service);
  loop.run();
}
