// A JSON Patch (RFC 6902) that grows with a copy of the document: each step is told in the words of the document as it
// stands after the steps before. What is so already adds no step. Pure.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace outrigger::control::inject {

class Patch {
 public:
  using Json = nlohmann::ordered_json;
  /// Keys of maps, from the root.
  using Path = std::initializer_list<std::string>;

  explicit Patch(Json document) : document_(std::move(document)) {}

  /// Puts a value there; maps above it that are missing are made.
  void set(Path path, Json value);
  /// Into a list, which is made if it is missing.
  void insert(Path list, size_t index, Json item);
  void append(Path list, Json item);
  /// The same for a list of one of the list's items: `spec.containers[2].env`.
  void append(Path list, size_t index, const std::string& key, Json item);

  const Json& document() const { return document_; }
  /// The steps so far.
  const Json& steps() const { return steps_; }

 private:
  using Pointer = Json::json_pointer;
  void set(const Pointer& pointer, Json value);
  void insert(const Pointer& list, size_t index, Json item);
  size_t sizeOf(const Pointer& list) const;
  void step(const char* operation, const Pointer& where, const Json& value);

  Json document_;
  Json steps_ = Json::array();
};

}  // namespace outrigger::control::inject
