#include "control/cli/config_difference.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/paths_by_name.h"
#include "control/cli/reload_meaning.h"

namespace outrigger::control::cli {
namespace {

using config::Change;
using config::EffectiveValue;

// What is shown, and what is compared, value by value.
struct Values {
  std::vector<EffectiveValue> shown;
  std::vector<EffectiveValue> whole;
};

Values valuesOf(const config::LoadResult& loaded) {
  Values values{config::effectiveValues(loaded.effective, loaded.files),
                config::wholeValues(loaded.effective, loaded.files)};
  config::namePaths(values.shown);
  for (size_t i = 0; i < values.shown.size(); ++i) values.whole[i].path = values.shown[i].path;
  return values;
}

// "upstreams.payments" of "upstreams.payments.endpoints[10.0.0.7:8080].weight".
std::string groupOf(Bytes path) {
  const bool two = path.starts_with("upstreams.") || path.starts_with("policies.");
  size_t end = path.find_first_of(".[");
  if (two) {
    const size_t begin = end + 1;
    const bool quoted = path.substr(begin).starts_with('"');
    end = quoted ? path.find('"', begin + 1) + 1 : path.find_first_of(".[", begin);
  }
  return std::string(path.substr(0, end));
}

std::set<std::string> groupsIn(const std::vector<EffectiveValue>& values) {
  std::set<std::string> groups;
  for (const EffectiveValue& value : values) groups.insert(groupOf(value.path));
  return groups;
}

void showAsShown(std::vector<Change>& changes, const Values& before, const Values& after) {
  std::map<std::string_view, std::string_view> old;
  std::map<std::string_view, std::string_view> now;
  for (const EffectiveValue& value : before.shown) old[value.path] = value.value;
  for (const EffectiveValue& value : after.shown) now[value.path] = value.value;
  for (Change& change : changes) {
    if (const auto was = old.find(change.path); change.before && was != old.end()) change.before = was->second;
    if (const auto is = now.find(change.path); change.after && is != now.end()) change.after = is->second;
  }
}

// Of a group that comes or goes as a whole, only what was written: the rest are the built-in values.
bool isNews(const Change& change, const std::set<std::string>& old, const std::set<std::string>& now) {
  const std::string group = groupOf(change.path);
  return change.origin != "built-in" || (old.contains(group) && now.contains(group));
}

// The first of two lists without what both begin and end with.
std::string middleOf(const std::vector<std::string>& items, size_t begin, size_t behind) {
  std::string text;
  for (size_t i = begin; i + behind < items.size(); ++i) text += (text.empty() ? "" : ", ") + items[i];
  return text;
}

void addOrder(Bytes list, const Values& before, const Values& after, std::vector<Change>& changes) {
  std::vector<std::string> was = config::itemsOf(list, before.shown);
  std::vector<std::string> is = config::itemsOf(list, after.shown);
  const std::set<std::string> old(was.begin(), was.end());
  const std::set<std::string> now(is.begin(), is.end());
  std::erase_if(was, [&](const std::string& item) { return !now.contains(item); });
  std::erase_if(is, [&](const std::string& item) { return !old.contains(item); });
  if (was == is || was.size() != is.size()) return;
  const auto begin = static_cast<size_t>(std::ranges::mismatch(was, is).in1 - was.begin());
  size_t behind = 0;
  while (was[was.size() - 1 - behind] == is[is.size() - 1 - behind]) ++behind;
  const auto first = std::ranges::find_if(
      after.shown, [&](const EffectiveValue& value) { return value.path.starts_with(std::string(list) + "["); });
  changes.push_back({std::string(list) + " (order)", middleOf(was, begin, behind), middleOf(is, begin, behind),
                     first->origin.substr(0, first->origin.rfind(':'))});
}

std::string groupOfChange(const Change& change) {
  const size_t mark = change.path.find(" (order)");
  return groupOf(Bytes(change.path).substr(0, mark));
}

}  // namespace

std::vector<DifferenceGroup> differenceBetween(const config::LoadResult& before, const config::LoadResult& after) {
  const Values was = valuesOf(before);
  const Values is = valuesOf(after);
  std::vector<Change> changes = config::changesBetween(was.whole, is.whole);
  showAsShown(changes, was, is);
  for (const char* list : {"routes", "access.rules"}) addOrder(list, was, is, changes);
  const std::set<std::string> old = groupsIn(was.shown);
  const std::set<std::string> now = groupsIn(is.shown);
  std::vector<DifferenceGroup> groups;
  std::map<std::string, size_t> places;  // in `groups`, by name
  for (Change& change : changes) {
    const std::string name = groupOfChange(change);
    const auto [at, isNew] = places.emplace(name, groups.size());
    if (isNew) groups.push_back({.name = name, .changes = {}, .atReload = {}});
    if (isNews(change, old, now)) groups[at->second].changes.push_back(std::move(change));
  }
  const ReloadMeaning meaning(*before.model, *after.model);
  for (DifferenceGroup& group : groups) meaning.say(group);
  return groups;
}

}  // namespace outrigger::control::cli
