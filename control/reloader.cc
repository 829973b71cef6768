#include "control/reloader.h"

#include <filesystem>

#include "control/names.h"
#include "control/needs_restart.h"
#include "control/replace_file.h"

namespace outrigger::control {
namespace {

constexpr const char* kLastGood = "/last-good.yaml";

std::string folderOf(const std::string& file) {
  const auto parent = std::filesystem::path(file).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

Reloader::Reloader(net::EventLoop& loop, Log& log, ConfigPaths paths, std::optional<std::string> stateFolder,
                   Apply apply)
    : loop_(loop),
      log_(log),
      paths_(std::move(paths)),
      stateFolder_(std::move(stateFolder)),
      apply_(std::move(apply)) {}

std::expected<void, std::string> Reloader::bring(const ConfigFile& file) {
  const config::LoadResult loaded = loadConfig(file);
  if (loaded.model == nullptr) return std::unexpected(renderAll(loaded.diagnostics));
  companions_ = tlsFiles(*loaded.model);
  watchFolders();
  lastSeen_ = seenOf(file);  // before they are read: what changes meanwhile is seen by the next look
  if (auto applied = apply_(loaded); !applied) return applied;
  if (!loaded.diagnostics.empty()) log_.warn("config-warnings", {{"text", renderAll(loaded.diagnostics)}});
  inEffect_ = lastSeen_;
  runningCompanions_ = companions_;
  runningDigest_ = lastSeen_.substr(file.hash.size());
  state_.file = file;
  state_.effective = loaded.effective;
  state_.files = loaded.files;
  state_.appliedAt = net::wallNow();
  state_.lastGood = true;
  state_.lastError.clear();
  return {};
}

bool Reloader::loadFirst() {
  const auto file = readConfigFile(paths_);
  lastSeen_ = file ? seenOf(*file) : file.error();
  const auto brought = file ? bring(*file) : std::unexpected(file.error());
  if (brought) {
    keepAsLastGood();
    state_.history.add({.at = state_.appliedAt, .result = ReloadRecord::Result::Started, .hash = state_.file.hash});
    return true;
  }
  const bool rescued = bringLastGood();
  state_.lastGood = false;
  state_.lastError = brought.error();
  if (!rescued) return false;
  ++state_.rejected;
  state_.history.add({.at = state_.appliedAt, .result = ReloadRecord::Result::Started, .hash = state_.file.hash});
  noteRejected(file ? file->hash : "");
  log_.error(
      "config-rejected",
      {{"file", paths_.file}, {"text", state_.lastError}, {"running", "the last good version, kept by --state"}});
  return true;
}

bool Reloader::bringLastGood() {
  if (!stateFolder_) return false;
  const auto kept = readConfigFile(*stateFolder_ + kLastGood);
  return kept && bring(*kept);
}

void Reloader::keepAsLastGood() {
  if (!stateFolder_) return;
  const std::string kept = *stateFolder_ + kLastGood;
  if (const auto failed = replaceFile(kept, state_.file.text())) {
    log_.warn("state-not-kept", {{"file", kept}, {"text", *failed}});
  }
}

void Reloader::watch() {
  watching_ = true;
  watchFolders();
  // The first look comes soon: nobody told us of a change between the first load and now.
  loop_.turn().timers.arm(poll_, loop_.turn().now + kDebounce);
}

// Of the file and of those that it names.
void Reloader::watchFolders() {
  if (!watching_) return;
  std::map<std::string, std::unique_ptr<net::FileWatch>> wanted;
  const auto want = [&](const std::string& path) {
    const std::string folder = folderOf(path);
    if (wanted.contains(folder)) return;
    auto known = watches_.find(folder);
    wanted[folder] = known != watches_.end() ? std::move(known->second)
                                             : std::make_unique<net::FileWatch>(loop_, folder, [this] { onChange(); });
    if (known != watches_.end()) watches_.erase(known);
  };
  want(paths_.file);
  if (paths_.defaults) want(*paths_.defaults);
  for (const std::string& companion : companions_) want(companion);
  for (const std::string& companion : runningCompanions_) want(companion);
  watches_ = std::move(wanted);
}

// Later changes do not push the look back: somebody may write to the folder all the time.
void Reloader::onChange() {
  if (!debounce_.armed()) loop_.turn().timers.arm(debounce_, loop_.turn().now + kDebounce);
}

// Beside the watch, which may go silent: the folder was replaced, or lies on a file system without notifications.
void Reloader::onPoll() {
  loop_.turn().timers.arm(poll_, loop_.turn().now + kPoll);
  for (auto& [folder, watch] : watches_) watch->renew();
  look();
  renewRunning();
}

Reloader::Result Reloader::reload() {
  if (!state_.lastGood) lastSeen_.clear();
  return lookAndCount();
}

Reloader::Result Reloader::lookAndCount() {
  const Result result = look();
  if (result == Result::Unchanged) ++state_.unchanged;
  renewRunning();
  return result;
}

// While the newest version is bad, the one in effect still gets its certificates renewed: nobody who rotates them knows
// of a slip in the file.
void Reloader::renewRunning() {
  if (state_.lastGood) return;
  const std::string digest = digestOf(runningCompanions_);
  if (digest == runningDigest_) return;
  runningDigest_ = digest;
  const auto renewed = apply_(loadConfig(state_.file));
  if (renewed) return log_.info("certificates-renewed", {{"file", paths_.file}});
  log_.error("certificates-rejected", {{"file", paths_.file}, {"text", renewed.error()}});
}

Reloader::Result Reloader::look() {
  const auto file = readConfigFile(paths_);
  const std::string seen = file ? seenOf(*file) : file.error();
  if (seen == lastSeen_) return Result::Unchanged;
  lastSeen_ = seen;
  if (!file) return reject(file.error(), "");
  if (seen == inEffect_) {  // back to what is in effect
    state_.lastGood = true;
    state_.lastError.clear();
    return Result::Unchanged;
  }
  const std::vector<config::EffectiveValue> before = effectiveValues();
  if (auto brought = bring(*file); !brought) return reject(brought.error(), file->hash);
  noteApplied(before);
  ++state_.applied;
  keepAsLastGood();
  return Result::Applied;
}

Reloader::Result Reloader::reject(const std::string& why, const std::string& hash) {
  ++state_.rejected;
  state_.lastGood = false;
  state_.lastError = why;
  noteRejected(hash);
  log_.error("config-rejected", {{"file", paths_.file}, {"text", why}, {"running", "the version before it"}});
  return Result::Rejected;
}

// ---- What becomes of the versions

std::vector<config::EffectiveValue> Reloader::effectiveValues() const {
  std::vector<std::string> names;
  for (const std::string& file : state_.files) names.push_back(std::filesystem::path(file).filename().string());
  return config::effectiveValues(state_.effective, names);
}

void Reloader::noteApplied(const std::vector<config::EffectiveValue>& before) {
  std::vector<config::Change> changes = config::changesBetween(before, effectiveValues());
  std::vector<std::string> keys = needsRestart(changes);
  const Bytes hash = Bytes(state_.file.hash).substr(0, 8);
  if (keys.empty()) {
    log_.info("config-applied", {{"file", paths_.file}, {"hash", hash}});
  } else {
    log_.warn("config-applied",
              {{"file", paths_.file}, {"hash", hash}, {"text", "needs a restart: " + joined(keys, ", ")}});
  }
  state_.history.add({.at = state_.appliedAt,
                      .result = ReloadRecord::Result::Applied,
                      .hash = state_.file.hash,
                      .changes = std::move(changes),
                      .needsRestart = std::move(keys)});
}

void Reloader::noteRejected(const std::string& hash) {
  state_.history.add(
      {.at = net::wallNow(), .result = ReloadRecord::Result::Rejected, .hash = hash, .error = state_.lastError});
}

}  // namespace outrigger::control
