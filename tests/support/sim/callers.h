// Callers in an open loop: they send at a rate, whatever becomes of what was sent before, and each remembers how its
// request went, counted from the instant at which it was due. Owned by a test; the test runs the world.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/support/sim/lines.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {

class Callers {
 public:
  struct Load {
    double perSecond = 100;
    bool even = false;  ///< else as a Poisson process, which is how independent callers arrive
    std::string method = "GET";
    std::string host{};
    std::string target = "/";
    std::string body{};
    /// Adds field lines to the request with that number.
    std::function<void(std::string& head, uint64_t number)> fields{};
    /// A caller leaves after so long, by FIN or by RST.
    Duration patience = Duration::max();
    Transport::CloseMode leavesBy = Transport::CloseMode::Normal;
    /// The naive hedge, for controls: a second request after so long; the later answer is not waited for.
    Duration hedgeAfter = Duration::max();
    uint64_t firstNumber = 0;  ///< of kNumberHeader; two groups of callers need numbers of their own
  };
  /// How one request went.
  struct Sample {
    Instant sentAt{};
    Duration took{};  ///< to the last octet of the answer, or to the loss
    int status = 0;   ///< 0: none, as said in `why`
    uint16_t why = 0;
    bool ended = false;
    bool good() const { return ended && status / 100 == 2; }
  };
  struct Tally {
    size_t sent = 0;
    size_t good = 0;
    std::map<std::string, size_t> bad;  ///< by status and reason
    double goodShare() const { return sent == 0 ? 1 : static_cast<double>(good) / static_cast<double>(sent); }
  };

  /// They call the sidecar's outbound side, or whoever listens at an address.
  Callers(World& world, Sidecar& sidecar, Load load);
  Callers(World& world, const Address& address, Load load);
  ~Callers();

  /// Sends for so long from now on.
  void start(Duration span);
  /// From the next request on.
  void setRate(double perSecond) { load_.perSecond = perSecond; }
  /// Runs the world until each request has ended, or `limit` is over.
  bool finish(Duration limit = 1min);
  /// start(), the span, finish().
  void run(Duration span);

  size_t sent() const { return samples_.size(); }
  size_t ended() const { return ended_; }
  /// Second requests of the naive hedge.
  size_t hedges() const { return hedges_; }
  const std::vector<Sample>& samples() const { return samples_; }
  /// Of the requests sent in [from, to), counted from the first start().
  Tally tally(Duration from = Duration::zero(), Duration to = Duration::max()) const;
  /// One for each span of that length since the first start().
  std::vector<Tally> tallies(Duration each = 1s) const;
  /// Exact; of the good answers to requests sent in [from, to). Zero if there are none.
  Duration percentile(double percent, Duration from = Duration::zero(), Duration to = Duration::max()) const;
  /// What was not good, for a message.
  std::string failures() const;

 private:
  struct Race {
    Lines::Line* first = nullptr;
    Lines::Line* second = nullptr;
  };

  void send();
  Lines::Line* ask(size_t index, bool again);
  void onAnswer(size_t index, bool again, const std::optional<Message>& answer);
  void hedge(size_t index);
  void leave(size_t index);
  void end(size_t index, int status, const std::string& why);
  void count(Tally& tally, const Sample& sample) const;
  void in(Duration span, std::function<void()> event);
  template <class Each>
  void forEach(Duration from, Duration to, Each&& each) const;

  World& world_;
  Load load_;
  Rng rng_;
  Lines lines_;
  Instant begun_{};
  Instant sendsUntil_{};
  bool sending_ = false;
  size_t ended_ = 0;
  size_t hedges_ = 0;
  std::vector<Sample> samples_;
  std::unordered_map<size_t, Race> races_;  // by index, of requests under way
  std::vector<std::string> whys_{""};
  std::string octets_;  // scratch
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outrigger::sim
