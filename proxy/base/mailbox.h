// The only way between threads: closures posted to the thread that owns the mailbox. post() may be called from any
// thread; everything else belongs to the owner. Tasks run in the order in which they were posted.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace outrigger {

/// "Look into your mailbox": implemented by the owner's loop, safe from any thread.
class Wakeup {
 public:
  virtual ~Wakeup() = default;
  virtual void wake() = 0;
};

class Mailbox {
 public:
  using Task = std::move_only_function<void()>;

  /// `wakeup` outlives the mailbox.
  explicit Mailbox(Wakeup& wakeup) : wakeup_(wakeup) {}

  /// Hands `task` to the owner's thread. What is posted after the owner's last drain() is destroyed unrun, with the
  /// mailbox.
  void post(Task task) {
    bool first;
    {
      const std::lock_guard lock(mutex_);
      first = tasks_.empty();
      tasks_.push_back(std::move(task));
    }
    if (first) wakeup_.wake();
  }

  /// Runs what has been posted so far; what these tasks post is left for the next call.
  void drain() {
    std::vector<Task> batch;
    {
      const std::lock_guard lock(mutex_);
      batch.swap(tasks_);
    }
    for (Task& task : batch) task();
  }

 private:
  Wakeup& wakeup_;
  std::mutex mutex_;
  std::vector<Task> tasks_;
};

}  // namespace outrigger
