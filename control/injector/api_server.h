// What the injector asks of the cluster's API server, and tells it. Implemented over HTTPS, and by a fake in tests. The
// control thread only.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace outrigger::control::injector {

/// A question under way, or over. Destroying it cancels: nothing follows.
class Question {
 public:
  virtual ~Question() = default;
};

/// Somebody whom an Event speaks of.
struct Subject {
  std::string apiVersion;
  std::string kind;
  std::string name;
  std::string uid;
  std::string nameSpace;
};

struct Event {
  Subject about;
  std::string reason;
  std::string message;
};

class ApiServer {
 public:
  virtual ~ApiServer() = default;

  /// The text of the namespace's config; nullopt: it has none. The error is a sentence: why it cannot be known.
  using ConfigText = std::expected<std::optional<std::string>, std::string>;
  using GiveConfig = std::function<void(ConfigText)>;

  /// `give` is called once, not from inside this call, unless the question dies before. There may be no answer for
  /// long: the caller keeps the time.
  virtual std::unique_ptr<Question> readConfig(const std::string& nameSpace, GiveConfig give) = 0;

  /// Posts an Event; whether that works shows in the log alone.
  virtual void tell(const Event& event) = 0;
};

}  // namespace outrigger::control::injector
