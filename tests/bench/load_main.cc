// bench_load: an open loop of requests. Each leaves at its instant, whatever became of those before it, and its latency
// counts from that instant. Prints what came of them as JSON.
//
//   bench_load --to 127.0.0.1:9010 --rate 1000 --for 10s
//     [--even]              arrivals at even distances, not as a Poisson process
//     [--method GET] [--path /] [--host origin] [--header "name: value"]... [--body TEXT]
//                           in header values {n} is the request's number, {sent} the instant at which it left, in
//                           monotonic microseconds
//     [--patience 10s]      when the caller gives up       [--connections 4000]  at once; beyond them requests wait
//     [--most 1000000]      requests in all                [--seed 1]
//     [--series FILE]       CSV, a line for each 100 ms    [--rows FILE]         CSV, a line for each request
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/quantity.h"
#include "tests/bench/exact_timer.h"
#include "tests/bench/http_client.h"

namespace outrigger::bench {
namespace {

struct Options {
  Address to;
  double rate = 0;
  Duration length{};
  bool even = false;
  std::string method = "GET", path = "/", host = "origin", body;
  std::vector<std::string> headers;
  Duration patience = 10s;
  size_t connections = 4000;
  uint64_t most = 1'000'000;
  uint64_t seed = 1;
  std::string series, rows;
};

Duration span(const std::string& text) {
  const auto read = config::readDuration(text);
  if (!read) throw std::runtime_error("`" + text + "` " + read.error().what);
  return *read;
}

Options options(int count, char** arguments) {
  Options read;
  std::map<std::string, std::function<void(const std::string&)>> known{
      {"--to", [&](const std::string& text) { read.to = *Address::parse(text); }},
      {"--rate", [&](const std::string& text) { read.rate = std::stod(text); }},
      {"--for", [&](const std::string& text) { read.length = span(text); }},
      {"--method", [&](const std::string& text) { read.method = text; }},
      {"--path", [&](const std::string& text) { read.path = text; }},
      {"--host", [&](const std::string& text) { read.host = text; }},
      {"--header", [&](const std::string& text) { read.headers.push_back(text); }},
      {"--body", [&](const std::string& text) { read.body = text; }},
      {"--patience", [&](const std::string& text) { read.patience = span(text); }},
      {"--connections", [&](const std::string& text) { read.connections = std::stoul(text); }},
      {"--most", [&](const std::string& text) { read.most = std::stoul(text); }},
      {"--seed", [&](const std::string& text) { read.seed = std::stoul(text); }},
      {"--series", [&](const std::string& text) { read.series = text; }},
      {"--rows", [&](const std::string& text) { read.rows = text; }},
  };
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--even") {
      read.even = true;
    } else if (known.contains(name) && i + 1 < count) {
      known[name](arguments[++i]);
    } else {
      throw std::runtime_error("no such option, or nothing behind it: " + name);
    }
  }
  if (read.rate <= 0 || read.length <= 0ms || read.to == Address()) throw std::runtime_error("--to, --rate, --for");
  return read;
}

/// One request: when it was due, and what came of it.
struct Row {
  Duration due{};  ///< since the beginning
  std::optional<Duration> took;
  Answer answer;

  bool good() const { return answer.how == Answer::How::Answered && answer.status < 400; }
  std::string outcome() const {
    switch (answer.how) {
      case Answer::How::Refused: return "refused";
      case Answer::How::Lost: return "lost";
      case Answer::How::Cut: return "cut";
      case Answer::How::GaveUp: return "gave-up";
      case Answer::How::Answered: break;
    }
    return std::to_string(answer.status) + (answer.reason.empty() ? "" : " " + answer.reason);
  }
};

double milliseconds(Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

/// Of a sorted list, by the nearest rank.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::min(sorted.size() - 1, rank == 0 ? 0 : rank - 1)];
}

struct Tally {
  uint64_t sent = 0, good = 0;
  std::vector<double> took;

  void add(const Row& row) {
    ++sent;
    good += row.good();
    if (row.took) took.push_back(milliseconds(*row.took));
  }
  void sort() { std::ranges::sort(took); }
};

std::vector<Tally> tallies(const std::vector<Row>& rows, Duration bucket) {
  std::vector<Tally> all;
  for (const Row& row : rows) {
    const auto place = static_cast<size_t>(row.due / bucket);
    if (all.size() <= place) all.resize(place + 1);
    all[place].add(row);
  }
  for (Tally& tally : all) tally.sort();
  return all;
}

class Load {
 public:
  Load(net::EventLoop& loop, const Options& options)
      : loop_(loop),
        options_(options),
        rng_(options.seed),
        client_(loop, options.to, options.connections),
        timer_(loop, [this] { onDue(); }) {
    begun_ = loop.turn().now + 10ms;
    next_ = begun_ + gap();
    timer_.arm(next_);
  }

  void report() const {
    Tally all;
    std::map<std::string, uint64_t> outcomes;
    for (const Row& row : rows_) {
      all.add(row);
      ++outcomes[row.outcome()];
    }
    all.sort();
    nlohmann::json out{{"began_us", begun_.time_since_epoch() / 1us},
                       {"sent", all.sent},
                       {"good", all.good},
                       {"outcomes", outcomes},
                       {"latest_ms", milliseconds(latest_)},
                       {"most_connections", mostConnections_}};
    for (const auto& [name, share] : kQuantiles) out[name] = quantile(all.took, share);
    for (const Tally& second : tallies(rows_, 1s)) {
      out["seconds"].push_back({{"sent", second.sent}, {"good", second.good}, {"p99", quantile(second.took, 0.99)}});
    }
    std::cout << out.dump() << "\n";
    writeSeries();
    writeRows();
  }

 private:
  static constexpr std::pair<const char*, double> kQuantiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99_5", 0.995}, {"p99_9", 0.999}, {"most", 1.0}};

  Duration gap() {
    const double mean = 1e9 / options_.rate;
    return Duration(static_cast<int64_t>(options_.even ? mean : -std::log(1 - rng_.unit()) * mean));
  }

  void onDue() {
    const Instant now = loop_.turn().now;
    while (next_ <= now && !over()) {
      send(next_);
      next_ += gap();
    }
    if (over()) {
      if (pending_ == 0) loop_.stop();
    } else {
      timer_.arm(next_);
    }
  }
  bool over() const { return next_ - begun_ >= options_.length || rows_.size() >= options_.most; }

  void send(Instant due) {
    const size_t number = rows_.size();
    rows_.push_back({due - begun_, {}, {}});
    latest_ = std::max(latest_, loop_.turn().now - due);
    ++pending_;
    client_.ask(request(number), http::methodOf(options_.method), due + options_.patience,
                [this, number, due](const Answer& answer) {
                  rows_[number].answer = answer;
                  rows_[number].took = loop_.turn().now - due;
                  if (--pending_ == 0 && over()) loop_.stop();
                });
    mostConnections_ = std::max(mostConnections_, client_.connections());
  }

  std::string request(size_t number) {
    std::string text = options_.method + " " + options_.path + " HTTP/1.1\r\nhost: " + options_.host + "\r\n";
    for (std::string header : options_.headers) {
      replace(header, "{n}", std::to_string(number));
      replace(header, "{sent}", std::to_string(loop_.turn().now.time_since_epoch() / 1us));
      text += header + "\r\n";
    }
    if (!options_.body.empty()) text += "content-length: " + std::to_string(options_.body.size()) + "\r\n";
    return text + "\r\n" + options_.body;
  }
  static void replace(std::string& text, std::string_view what, const std::string& by) {
    const size_t at = text.find(what);
    if (at != std::string::npos) text.replace(at, what.size(), by);
  }

  void writeSeries() const {
    if (options_.series.empty()) return;
    std::ofstream out(options_.series);
    out << "seconds,sent,good,p50_ms,p99_ms,most_ms\n";
    double at = 0;
    for (const Tally& bucket : tallies(rows_, 100ms)) {
      out << at << "," << bucket.sent << "," << bucket.good << "," << quantile(bucket.took, 0.5) << ","
          << quantile(bucket.took, 0.99) << "," << quantile(bucket.took, 1) << "\n";
      at += 0.1;
    }
  }

  void writeRows() const {
    if (options_.rows.empty()) return;
    std::ofstream out(options_.rows);
    out << "due_ms,took_ms,good,outcome\n";
    for (const Row& row : rows_) {
      out << milliseconds(row.due) << "," << (row.took ? milliseconds(*row.took) : -1) << "," << row.good() << ","
          << row.outcome() << "\n";
    }
  }

  net::EventLoop& loop_;
  const Options& options_;
  Rng rng_;
  HttpClient client_;
  ExactTimer timer_;
  Instant begun_, next_;
  std::vector<Row> rows_;
  size_t pending_ = 0;
  size_t mostConnections_ = 0;
  Duration latest_{};  // how far the generator itself was behind its plan, at worst
};

}  // namespace
}  // namespace outrigger::bench

int main(int count, char** arguments) {
  using namespace outrigger::bench;
  try {
    const Options read = options(count, arguments);
    outrigger::net::EventLoop loop(read.seed);
    Load load(loop, read);
    loop.run();
    load.report();
  } catch (const std::exception& error) {
    std::cerr << "bench_load: " << error.what() << "\n";
    return 2;
  }
}
