// The stable codes of everything the loader may say: OR1xx syntax and types, OR2xx references, OR3xx risks (warnings).
// A code is never given another meaning; one that falls out of use stays reserved. Constants, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::config {

enum class Code : uint16_t {
  Syntax = 101,
  Tab = 102,
  EmptyFile = 103,
  TooLarge = 104,
  TooDeep = 105,
  SeveralDocuments = 106,
  Alias = 107,
  Tag = 108,
  DuplicateKey = 109,
  BadKey = 110,
  BadOctet = 111,

  UnknownKey = 120,
  MissingKey = 121,
  WrongKind = 122,
  NoValue = 123,
  NotATime = 124,
  NotASize = 125,
  NotANumber = 126,
  NotAPercent = 127,
  NotAnAddress = 128,
  NotAWord = 129,
  BadText = 130,
  OutOfRange = 131,
  KeysExclude = 132,
  OtherVersion = 133,
  WrongCount = 134,
  EnvironmentUnset = 135,
  EnvironmentForm = 136,
  HeaderRefused = 137,
  OutOfOrder = 138,
  NotInThisVersion = 140,

  UnknownPolicy = 201,
  UnknownUpstream = 202,
  UnknownFilter = 203,
  ExtendsCycle = 204,
  ReservedName = 205,
  SameHost = 206,
  SameRouteName = 207,
  SameListener = 208,
  OwnListener = 209,
  SameEndpoint = 210,
  SameTarget = 211,
  NoWeight = 212,
  NoApp = 213,
  NothingToReplace = 214,
  ImpossiblePair = 215,
  NoIdentity = 216,
  NoTrust = 217,
  NotHttp = 218,
  NobodyIsVerified = 219,
  SameRuleName = 220,

  NeverMatches = 301,
  CutByInherited = 302,
  NeverFires = 303,
  RepeatsUnsafe = 304,
  OpenToOthers = 305,
  BudgetForbids = 306,
  UnusedPolicy = 307,
  UnusedListener = 308,
  NothingLeadsThere = 309,
  RefusesAll = 310,
  ProbesAtRoot = 311,
};

enum class Severity : uint8_t { Error, Warning };

/// One row for each code, in ascending order.
struct CodeRow {
  Code code;
  Bytes explanation;  ///< one sentence
};
std::span<const CodeRow> allCodes();

/// "OR204".
std::string codeText(Code code);

/// Reads "OR204", in any case. nullptr: no such code.
const CodeRow* findCode(Bytes text);

constexpr Severity severityOf(Code code) {
  return static_cast<uint16_t>(code) >= 300 ? Severity::Warning : Severity::Error;
}

}  // namespace outrigger::config
