// Where an object goes that must die inside its own callback. What is buried stays whole until the running turn has
// unwound; then the loop empties the graveyard. One per worker, one thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace outrigger {

class Graveyard {
 public:
  Graveyard() = default;
  Graveyard(const Graveyard&) = delete;
  Graveyard& operator=(const Graveyard&) = delete;
  ~Graveyard() { empty(); }

  /// Takes the object; it is destroyed (by its own deleter) in the next empty().
  template <class T, class Deleter>
  void bury(std::unique_ptr<T, Deleter> dead) {
    if (dead == nullptr) return;
    if constexpr (std::is_empty_v<Deleter>) {
      graves_.push_back(
          {dead.release(), [](void* corpse) { std::unique_ptr<T, Deleter> last(static_cast<T*>(corpse)); }});
    } else {
      static_assert(std::is_empty_v<Deleter>, "bury() takes objects whose deleter carries no state");
    }
  }

  /// Destroys what was buried, oldest first. A destructor may bury more; that dies in the same call.
  void empty() {
    for (size_t i = 0; i < graves_.size(); ++i) graves_[i].end(std::exchange(graves_[i].corpse, nullptr));
    graves_.clear();
  }

  bool isEmpty() const { return graves_.empty(); }

 private:
  struct Grave {
    void* corpse;
    void (*end)(void*);
  };
  std::vector<Grave> graves_;
};

}  // namespace outrigger
