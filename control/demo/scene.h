// The services of the demo, what is wrong with each, and what the keys do to them. Owned by the demo; its thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/demo/toy_service.h"

namespace outrigger::control::demo {

struct Cast {
  std::string name;
  std::string about;  ///< in a few words
  std::vector<Mood> instances;
  std::vector<Address> addresses{};
  size_t first = 0;  ///< the number of its first instance among all
};

/// What a key did.
struct Deed {
  size_t service = 0;  ///< the number of the one concerned
  bool mends = false;
  std::string text;  ///< what was done, as a story begins
};

class Scene {
 public:
  Scene();

  const std::vector<Cast>& cast() const { return cast_; }
  /// A config for a sidecar before them, whose ports are free at the moment: the usual ones where they are.
  std::string config() const;
  void start() { services_.start(); }

  /// 1 kills an instance, 2 slows one, 3 lets a whole service fail, 4 mends all. nullopt: not a key of ours, or
  /// there was nothing to mend.
  std::optional<Deed> press(char key);
  /// The keys, in words.
  static const char* keys();

 private:
  ToyServices services_;
  std::vector<Cast> cast_;
  std::optional<size_t> broken_;  // the service that was broken last
};

}  // namespace outrigger::control::demo
