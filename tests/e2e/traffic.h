// Steady traffic: callers that ask again as soon as they have an answer, on connections that they keep, until they are
// told to stop. What is not a complete 200 is a failure.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/real/client.h"

namespace outrigger::e2e {

class Traffic {
 public:
  struct Ask {
    Address address;
    std::string host = "orders";
    std::string target = "/x";
  };

  Traffic(const Ask& ask, size_t callers) : ask_(ask) {
    for (size_t i = 0; i < callers; ++i) threads_.emplace_back([this] { call(); });
  }
  ~Traffic() { stop(); }

  /// Every caller finishes its request and leaves.
  void stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  size_t good() const { return good_; }
  std::vector<std::string> failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  static constexpr size_t kMostFailures = 10;  // enough to see what is wrong

  void call() {
    std::unique_ptr<real::Client> client;
    while (!stopping_ && failures().size() < kMostFailures) {
      try {
        if (client == nullptr || !client->usable()) client = std::make_unique<real::Client>(ask_.address);
        judge(client->get(ask_.host, ask_.target));
      } catch (const std::exception& refused) {
        fail(refused.what());
      }
    }
  }

  void judge(const test::SeenResponse& response) {
    if (response.status == 200 && response.complete) {
      ++good_;
    } else {
      fail(std::to_string(response.status) + " " + response.reason() + " " + response.error + " " + response.body);
    }
  }
  void fail(const std::string& what) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(what);
  }

  const Ask ask_;
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> good_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

}  // namespace outrigger::e2e
