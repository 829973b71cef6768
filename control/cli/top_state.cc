#include "control/cli/top_state.h"

#include "control/cli/found_in.h"

namespace outrigger::control::cli {
namespace {

constexpr size_t kMostSeconds = 300;
constexpr size_t kMostDecisions = 100;

// `old` with the last `fresh` of `news` behind it.
Json joined(const Json& old, const Json& news, size_t fresh, size_t most) {
  const size_t taken = std::min(fresh, news.size());
  const size_t kept = std::min(old.size(), most - std::min(most, taken));
  Json all = Json::array();
  for (size_t i = old.size() - kept; i < old.size(); ++i) all.push_back(old[i]);
  for (size_t i = news.size() - taken; i < news.size(); ++i) all.push_back(news[i]);
  return all;
}

}  // namespace

void TopState::take(Json news) {
  if (!news.is_object() || !news.contains("header")) return;
  // Numbers that go back are of another process.
  const bool same = state_.is_object() && countIn(news, "fine_at") >= countIn(state_, "fine_at");
  if (in(news, "whole") != true && same) {
    keepHistory(news);
    keepDecisions(news);
  }
  state_ = std::move(news);
}

void TopState::keepHistory(Json& news) const {
  const size_t fresh = countIn(news, "fine_at") - countIn(state_, "fine_at");
  for (const char* direction : {"inbound", "outbound"}) {
    const Json& old = listIn(in(in(in(state_, "flows"), direction), "fine"), "per_second");
    const Json& brought = listIn(in(in(in(news, "flows"), direction), "fine"), "per_second");
    Json all = joined(old, brought, fresh, kMostSeconds);
    news["flows"][direction]["fine"]["per_second"] = std::move(all);
  }
}

// The newest stand first.
void TopState::keepDecisions(Json& news) const {
  Json all = listIn(news, "decisions");
  for (const Json& decision : listIn(state_, "decisions")) {
    if (all.size() >= kMostDecisions) break;
    const Json& id = in(decision, "id");
    const auto known = std::ranges::find_if(all, [&id](const Json& one) { return in(one, "id") == id; });
    if (known == all.end()) all.push_back(decision);
  }
  news["decisions"] = std::move(all);
}

}  // namespace outrigger::control::cli
