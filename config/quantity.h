// Texts with units: times, sizes, percentages, whole numbers, addresses. Strict readers; what they refuse comes with
// what was probably meant. Pure, any thread.
#pragma once

#include <expected>
#include <string>

#include "config/code.h"
#include "proxy/base/address.h"
#include "proxy/base/bytes.h"
#include "proxy/base/time.h"

namespace outrigger::config {

/// Why a text was refused: the end of a sentence that begins with what it stands for ("`request` needs a unit"), and
/// what could stand there instead (may be empty).
struct Slip {
  Code code;
  std::string what;
  std::string tryText;
};

template <class T>
using Reading = std::expected<T, Slip>;

/// `1h`, `250ms`, `1s500ms`: whole numbers with the units h, m, s, ms, the larger first, each at most once. At most
/// kLongestSetting.
Reading<Duration> readDuration(Bytes text);

/// `512B`, `64KiB`, `10MiB`, `1GiB`: octets.
Reading<uint64_t> readSize(Bytes text);

/// Decimal digits without a sign or a leading 0.
Reading<uint64_t> readInteger(Bytes text);

/// Decimal digits, perhaps with a point and decimals; 0 to 100.
Reading<double> readPercent(Bytes text);

/// What an address is for: where we listen, or whom we call.
enum class AddressUse : uint8_t { Listen, Call };

/// "10.0.0.7:8080", "[::1]:8080", "unix:/run/app.sock". An address to call is no wildcard and has a port.
Reading<Address> readAddress(Bytes text, AddressUse use);

/// The shortest text that readDuration() and readSize() read as this value. Whole milliseconds, not negative.
std::string durationText(Duration duration);
std::string sizeText(uint64_t octets);

}  // namespace outrigger::config
