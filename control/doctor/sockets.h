// Who listens where, as the kernel tells: /proc/net/tcp and tcp6, /proc/net/unix, and the descriptors of processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/doctor/processes.h"

namespace outrigger::control::doctor {

/// A socket that somebody listens on.
struct Listening {
  Address address;
  uint64_t inode = 0;
  std::optional<uint32_t> uid;  ///< of whoever opened it; nullopt: a unix socket, of which the kernel does not tell
};

/// Of the text of /proc/net/tcp or tcp6. Pure.
std::vector<Listening> listeningTcp(Bytes table);

/// Of the text of /proc/net/unix. Pure.
std::vector<Listening> listeningUnix(Bytes table);

/// The one that is in the way of a listener at `address`; nullopt: none.
std::optional<Listening> inTheWayOf(Machine& machine, const Address& address);

/// Whose it is; nullopt: of a process that cannot be looked into from here.
std::optional<Process> holderOf(Machine& machine, const Listening& socket, const std::vector<Process>& processes);

/// Whether two listeners cannot be beside each other. [::] takes both families.
bool overlap(const Address& a, const Address& b);

}  // namespace outrigger::control::doctor
