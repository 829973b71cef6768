#include "config/key_path.h"

#include <utility>
#include <vector>

namespace outrigger::config {

std::string pathOfKey(const Type& root, Bytes key) {
  std::vector<std::pair<const Type*, std::string>> open{{&root, ""}};
  for (size_t i = 0; i < open.size(); ++i) {  // level by level, so that the shortest path comes first
    const auto [type, path] = open[i];
    if (type->kind == Type::Kind::Names) open.emplace_back(type->item, path + "NAME.");
    if (type->kind == Type::Kind::List) open.emplace_back(type->item, path);
    if (type->kind != Type::Kind::Map) continue;
    for (const Field& field : type->shape->fields) {
      const std::string here = path + std::string(field.key);
      if (field.key == key) return here;
      open.emplace_back(&field.type, here + ".");
    }
  }
  return {};
}

}  // namespace outrigger::config
