#include "control/file_follower.h"

#include <filesystem>

#include "control/tls_files.h"

namespace outrigger::control {

void FileFollower::follow(std::vector<std::string> paths) {
  paths_ = std::move(paths);
  digest_ = digestOf(paths_);
  std::map<std::string, std::unique_ptr<net::FileWatch>> wanted;
  for (const std::string& path : paths_) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const std::string folder = parent.empty() ? "." : parent;
    if (wanted.contains(folder)) continue;
    const auto known = watches_.find(folder);
    wanted[folder] = known != watches_.end() ? std::move(known->second)
                                             : std::make_unique<net::FileWatch>(loop_, folder, [this] { onNotice(); });
    if (known != watches_.end()) watches_.erase(known);
  }
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
  const std::string digest = digestOf(paths_);
  if (digest == digest_) return;
  digest_ = digest;
  onChanged_();
}

}  // namespace outrigger::control
