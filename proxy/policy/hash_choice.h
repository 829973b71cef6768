// Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018): a key goes to the endpoint that
// owns it in the table, or from there to the next in an order that is the key's own, past those that are out of use,
// tried already, or carry more than 1.25 times their part of what is in flight. Keys of the others do not move.
//
// One that gets less than its share (it is returning) takes that part of its keys, always the same ones. One that an
// affinity names is chosen whatever it carries: a session stays where its state is. Pure.
#pragma once

#include "proxy/policy/candidate.h"
#include "proxy/policy/hash.h"
#include "proxy/policy/maglev.h"

namespace outrigger::policy {

/// The members of `table` are the candidates, in their order. nullopt: none is usable that is not among `avoid`.
std::optional<uint32_t> chooseByHash(const Maglev& table, std::span<const Candidate> candidates,
                                     std::span<const uint32_t> avoid, const Affinity& affinity);

}  // namespace outrigger::policy
