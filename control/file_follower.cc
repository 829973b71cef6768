#include "control/file_follower.h"

#include <filesystem>

#include "control/tls_files.h"

namespace outrigger::control {

void FileFollower::follow(const std::vector<std::string>& paths) {
  std::map<std::string, std::string> digests;
  std::map<std::string, std::unique_ptr<net::FileWatch>> wanted;
  for (const std::string& path : paths) {
    const auto seen = digests_.find(path);
    digests[path] = seen != digests_.end() ? seen->second : digestOf({path});
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const std::string folder = parent.empty() ? "." : parent;
    if (wanted.contains(folder)) continue;
    const auto known = watches_.find(folder);
    wanted[folder] = known != watches_.end() ? std::move(known->second)
                                             : std::make_unique<net::FileWatch>(loop_, folder, [this] { onNotice(); });
    if (known != watches_.end()) watches_.erase(known);
  }
  digests_ = std::move(digests);
  watches_ = std::move(wanted);
  loop_.turn().timers.arm(poll_, loop_.turn().now + kPoll);
}

// Later notices do not push the look back: somebody may write to the folder all the time.
void FileFollower::onNotice() {
  if (!debounce_.armed()) loop_.turn().timers.arm(debounce_, loop_.turn().now + kDebounce);
}

void FileFollower::onPoll() {
  loop_.turn().timers.arm(poll_, loop_.turn().now + kPoll);
  for (auto& [folder, watch] : watches_) watch->renew();
  look();
}

void FileFollower::look() {
  bool changed = false;
  for (auto& [path, seen] : digests_) {
    std::string digest = digestOf({path});
    changed = changed || digest != seen;
    seen = std::move(digest);
  }
  if (changed) onChanged_();
}

}  // namespace outrigger::control
