#include "control/admin/gatherings.h"

#include <algorithm>

namespace outrigger::control::admin {

void Gatherings::ask(const Question& question, Answered answered) {
  auto done = [this, answered = std::move(answered)](Gathering& self, const Gathering::Result& result) {
    const auto mine = std::ranges::find(underWay_, &self, [](const auto& gathering) { return gathering.get(); });
    turn_.graveyard.bury(std::move(*mine));
    underWay_.erase(mine);
    answered(result);
  };
  const auto workers = static_cast<uint32_t>(hosts_.size());
  underWay_.push_back(std::make_unique<Gathering>(turn_, workers, std::move(done)));
  Gathering& gathering = *underWay_.back();
  for (uint32_t i = 0; i < workers; ++i) hosts_[i]->ask(question, gathering.place(i));
}

}  // namespace outrigger::control::admin
