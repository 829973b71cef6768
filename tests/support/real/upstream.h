// A scripted upstream on a real socket: one thread that polls. Its script is written before the first sidecar starts.
#pragma once

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "proxy/http/h1/server_codec.h"
#include "tests/support/real/socket.h"
#include "tests/support/script.h"

namespace outrigger::real {

class Upstream : public test::Scripted<Upstream> {
 public:
  Upstream();
  ~Upstream();

  const Address& address() const { return address_; }
  void start();

  size_t hits() const;
  std::vector<test::SeenRequest> requests() const;
  size_t connectionsAccepted() const;
  /// Waits until that many requests have come.
  bool waitForHits(size_t hits, Deadline deadline = soon());

 private:
  class Connection;

  void run();
  void accept();
  void onRequest(const test::SeenRequest& request);

  Socket listener_;
  Address address_;
  Socket wakeReader_;
  Socket wakeWriter_;
  http::h1::HeadScratch scratch_;
  http::h1::HeadLimits limits_{.headFields = 200};
  std::list<std::unique_ptr<Connection>> connections_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<test::SeenRequest> requests_;
  size_t accepted_ = 0;
};

}  // namespace outrigger::real
