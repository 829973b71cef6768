// Follows the config file and brings each new version of it into effect, or says why not (CONTRACT §8). A bad, empty or
// missing file changes nothing. The control thread only.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "control/config_file.h"
#include "control/log.h"
#include "control/reload_history.h"
#include "control/tls_files.h"
#include "proxy/net/event_loop.h"
#include "proxy/net/file_watch.h"

namespace outrigger::control {

/// The version that is in effect, and what became of later ones.
struct ReloadState {
  ConfigFile file;
  config::Node effective;          ///< with every default in its place
  std::vector<std::string> files;  ///< names by Place::file
  WallTime appliedAt{};
  bool lastGood = true;   ///< the newest version of the file is the one in effect
  std::string lastError;  ///< why it is not
  uint64_t applied = 0;   ///< the first one is not counted
  uint64_t unchanged = 0;
  uint64_t rejected = 0;
  ReloadHistory history;
};

class Reloader {
 public:
  /// Brings a model into effect, whole or not at all; the error is a text for the log, with a place where there is one.
  using Apply = std::function<std::expected<void, std::string>(const config::LoadResult&)>;

  /// What a look at the file came to.
  enum class Result : uint8_t { Applied, Unchanged, Rejected };

  /// `stateFolder`: where the last good version is kept, for a start with a bad one.
  Reloader(net::EventLoop& loop, Log& log, ConfigPaths paths, std::optional<std::string> stateFolder, Apply apply);

  /// Reads the file for the first time. False: it is bad and there is no last good one; state().lastError says why.
  bool loadFirst();
  /// From now on, follows the file.
  void watch();
  /// Looks at the file now, because somebody asks for it: a version that was rejected is tried again, for the reason
  /// may have been a port that is free by now.
  Result reload();

  const ReloadState& state() const { return state_; }

 private:
  static constexpr Duration kDebounce = 100ms;
  static constexpr Duration kPoll = 10s;

  Result look();
  std::string seenOf(const ConfigFile& file) const { return file.hash + digestOf(companions_); }
  void watchFolders();
  std::expected<void, std::string> bring(const ConfigFile& file);
  bool bringLastGood();
  void keepAsLastGood();
  void renewRunning();
  Result reject(const std::string& why, const std::string& hash);
  std::vector<config::EffectiveValue> effectiveValues() const;
  /// Also in the log.
  void noteApplied(const std::vector<config::EffectiveValue>& before);
  /// lastError says why.
  void noteRejected(const std::string& hash);
  Result lookAndCount();
  void onChange();
  void onDebounced() { lookAndCount(); }
  void onPoll();

  net::EventLoop& loop_;
  Log& log_;
  ConfigPaths paths_;
  std::optional<std::string> stateFolder_;
  Apply apply_;
  ReloadState state_;
  std::vector<std::string> companions_;  // certificates and their like, which the newest version names
  std::string lastSeen_;  // of the newest version, good or bad: its hash and its companions'; or why it cannot be read
  std::string inEffect_;  // the same of the version in effect
  std::vector<std::string> runningCompanions_;                      // of the version in effect
  std::string runningDigest_;                                       // of what they held when they were last read
  std::map<std::string, std::unique_ptr<net::FileWatch>> watches_;  // by folder, once watch() was called
  bool watching_ = false;
  Timer<Reloader, &Reloader::onDebounced> debounce_{*this};
  Timer<Reloader, &Reloader::onPoll> poll_{*this};
};

}  // namespace outrigger::control
