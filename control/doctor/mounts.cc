#include "control/doctor/mounts.h"

#include <sstream>

namespace outrigger::control::doctor {
namespace {

// Blanks and backslashes are written in octal: "\040".
std::string unescaped(const std::string& text) {
  constexpr size_t kDigits = 3;
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + kDigits >= text.size()) {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    for (size_t j = 1; j <= kDigits; ++j) value = value * 8 + static_cast<unsigned>(text[i + j] - '0');
    out += static_cast<char>(value);
    i += kDigits;
  }
  return out;
}

}  // namespace

// "36 35 98:0 /root/of/it /mount/point options ..."
std::vector<std::string> mountPoints(Bytes mountinfo) {
  std::vector<std::string> points;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id;
    std::string parent;
    std::string device;
    std::string root;
    std::string point;
    if (words >> id >> parent >> device >> root >> point) points.push_back(unescaped(point));
  }
  return points;
}

}  // namespace outrigger::control::doctor
