// What a check of the doctor has to say. A plain value.
#pragma once

#include <cstdint>
#include <string>

namespace outrigger::control::doctor {

enum class Result : uint8_t { Ok, Warn, Fail, Skipped };

struct Finding {
  Result result = Result::Ok;
  std::string found;   ///< one sentence without a full stop; of a check that was skipped, why
  std::string remedy;  ///< what would be right; only with Warn and Fail
};

inline Finding ok(std::string found) {
  return {Result::Ok, std::move(found), {}};
}
/// It runs, and somebody should know.
inline Finding warn(std::string found, std::string remedy) {
  return {Result::Warn, std::move(found), std::move(remedy)};
}
/// Something does not work.
inline Finding fail(std::string found, std::string remedy) {
  return {Result::Fail, std::move(found), std::move(remedy)};
}
inline Finding skipped(std::string why) {
  return {Result::Skipped, std::move(why), {}};
}

/// "ok", "warn", "fail", "skipped".
inline const char* word(Result result) {
  constexpr const char* kWords[] = {"ok", "warn", "fail", "skipped"};
  return kWords[static_cast<size_t>(result)];
}

}  // namespace outrigger::control::doctor
