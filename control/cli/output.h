// What verbs print. Any thread.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

inline void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// Hands on what was printed. False: some of it, now or before, could not be written: nobody reads it any more. What is
/// longer than the buffer fails when it is printed, and leaves nothing to be flushed.
inline bool flushed() {
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

/// Octets that are no UTF-8 come out as U+FFFD.
inline std::string jsonText(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The same on a line of its own.
inline std::string jsonLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Says on stderr what went wrong, with the verb's name before it (empty: the program's), and with `json` on stdout
/// too, as {"error": what}; returns `code`.
int fail(const std::string& verb, int code, const std::string& what, bool json = false);

}  // namespace outrigger::control::cli
