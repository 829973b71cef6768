// Fields that outlive the call they came in: trailers that wait behind content. One thread.
#pragma once

#include <string>
#include <vector>

#include "proxy/http/message.h"

namespace outrigger::http::h2 {

class HeldFields {
 public:
  explicit HeldFields(const FieldList& fields) : storage_(fields.size()), list_(storage_) {
    size_t total = 0;
    for (const Field& field : fields) total += field.name.size() + field.value.size();
    text_.reserve(total);  // so that views into it stay
    for (const Field& field : fields) {
      const size_t at = text_.size();
      text_.append(field.name).append(field.value);
      const Bytes both = Bytes(text_).substr(at);
      list_.add(field.id, both.substr(0, field.name.size()), both.substr(field.name.size()));
    }
  }
  HeldFields(const HeldFields&) = delete;
  HeldFields& operator=(const HeldFields&) = delete;

  const FieldList& list() const { return list_; }

 private:
  std::string text_;
  std::vector<Field> storage_;
  FieldList list_;
};

}  // namespace outrigger::http::h2
