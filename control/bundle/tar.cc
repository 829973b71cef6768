#include "control/bundle/tar.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

namespace outrigger::control::bundle {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kRecord = 20 * kBlock;
constexpr size_t kMostName = 100;
constexpr size_t kMostPrefix = 155;
constexpr uint64_t kMostSize = 077'777'777'777;

/// Where a field of the head begins, and how long it is.
struct Field {
  size_t at;
  size_t size;
};
constexpr Field kName{0, kMostName}, kMode{100, 8}, kUser{108, 8}, kGroup{116, 8}, kSize{124, 12}, kTime{136, 12},
    kChecksum{148, 8}, kType{156, 1}, kMagic{257, 8}, kPrefix{345, kMostPrefix};

using Head = std::array<char, kBlock>;

void put(Head& head, Field field, Bytes text) {
  text.copy(head.data() + field.at, field.size);
}

// Digits with zeros before them, and a NUL at the end.
void putOctal(Head& head, Field field, uint64_t number) {
  std::string digits(field.size - 1, '0');
  for (size_t i = digits.size(); i > 0 && number > 0; number >>= 3) digits[--i] = static_cast<char>('0' + (number & 7));
  put(head, field, digits);
}

// Prefix and name; the slash between them is not written.
std::optional<std::pair<Bytes, Bytes>> splitName(Bytes name) {
  if (name.empty()) return std::nullopt;
  if (name.size() <= kMostName) return std::pair(Bytes(), name);
  const size_t slash = name.find('/', name.size() - kMostName - 1);
  if (slash == Bytes::npos || slash == 0 || slash > kMostPrefix || slash + 1 == name.size()) return std::nullopt;
  return std::pair(name.substr(0, slash), name.substr(slash + 1));
}

// The sum of the head's octets, with blanks where it will stand itself.
void putChecksum(Head& head) {
  put(head, kChecksum, "        ");
  uint64_t sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  putOctal(head, {kChecksum.at, 7}, sum);
  head[kChecksum.at + 6] = '\0';
  head[kChecksum.at + 7] = ' ';
}

}  // namespace

bool Tar::add(Bytes name, Bytes contents) {
  const auto split = splitName(name);
  if (!split || contents.size() > kMostSize) return false;
  Head head{};
  put(head, kPrefix, split->first);
  put(head, kName, split->second);
  putOctal(head, kMode, 0600);
  putOctal(head, kUser, 0);
  putOctal(head, kGroup, 0);
  putOctal(head, kSize, contents.size());
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(when_.time_since_epoch()).count();
  putOctal(head, kTime, age < 0 ? 0 : static_cast<uint64_t>(age));
  put(head, kType, "0");
  put(head, kMagic, Bytes("ustar\00000", 8));
  putChecksum(head);
  blocks_.append(head.data(), head.size());
  blocks_ += contents;
  blocks_.append((kBlock - contents.size() % kBlock) % kBlock, '\0');
  return true;
}

// Two empty blocks say that this is the end.
std::string Tar::finish() const {
  std::string whole = blocks_ + std::string(2 * kBlock, '\0');
  whole.append((kRecord - whole.size() % kRecord) % kRecord, '\0');
  return whole;
}

}  // namespace outrigger::control::bundle
