// Reads table.txt: what the sidecar does with octets, one test a row. How the table is written stands at its top.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace outrigger::sim::raw_bytes {

/// Octets that one side sends, and how it goes on.
struct Sent {
  enum class End { StaysOpen, Fin, Reset };
  std::string octets;
  End end = End::StaysOpen;
};

struct Row {
  enum class Side { Request, Answer };
  Side side = Side::Request;
  std::string group;
  std::string name;
  int line = 0;
  std::string config;                   ///< what stands beside `upstreams`
  bool inbound = false;                 ///< the request comes from others instead of the app
  Sent sent;                            ///< by the caller, or by the upstream
  std::string asked;                    ///< answers: what the caller had asked for, octets
  std::string reply;                    ///< what the caller gets: words or octets, as written
  std::string outcome;                  ///< what the upstream gets, or what becomes of its connection; as written
  std::optional<std::string> bytewise;  ///< the reply, where octets that come one by one make a difference

  /// For gtest: letters, digits and underscores.
  std::string testName() const;
};

/// Throws std::runtime_error with the line that it does not understand.
std::vector<Row> readTable(const std::string& path);

/// From the notation of the table to octets, and back.
std::string octetsOf(const std::string& notation);
std::string notationOf(const std::string& octets);

/// Replaces what is made anew for each request (ids, dates) by `*`, unless it stands in `given`.
std::string masked(const std::string& octets, const std::string& given);

/// Joins the chunks of each chunked body to one: how a stream was cut on its way is nobody's business.
std::string withJoinedChunks(const std::string& octets);

}  // namespace outrigger::sim::raw_bytes
