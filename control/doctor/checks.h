// The doctor's checks: small functions, and the table that names them. What one looks at comes from the Exam alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "control/doctor/exam.h"

namespace outrigger::control::doctor {

struct Check {
  Bytes name;   ///< in kebab-case
  Bytes finds;  ///< what it finds, for the reference
  Finding (*run)(Exam&);
  bool needsModel = true;  ///< skipped where the config does not load
};

/// All of them, in the order in which they are told.
std::span<const Check> allChecks();

struct Diagnosis {
  const Check* check = nullptr;
  Finding finding;
};

/// Runs every check.
std::vector<Diagnosis> examine(Exam& exam);

/// The table of the checks, as Markdown.
std::string checkTable();

// The file.
Finding configReadable(Exam& exam);
Finding configLoads(Exam& exam);
Finding configMount(Exam& exam);

// Where we listen.
Finding listenersFree(Exam& exam);
Finding listenerLoop(Exam& exam);
Finding adminLoopback(Exam& exam);
Finding telemetryOpen(Exam& exam);
Finding ephemeralPorts(Exam& exam);

// How connections come to us.
Finding uidClash(Exam& exam);
Finding redirectRules(Exam& exam);

// Whom we call.
Finding appAnswers(Exam& exam);
Finding endpointsReachable(Exam& exam);
Finding tracingCollector(Exam& exam);
Finding upstreamDns(Exam& exam);
Finding resolvConf(Exam& exam);
Finding serviceAccount(Exam& exam);

// Certificates, and time.
Finding certificatePair(Exam& exam);
Finding certificateDates(Exam& exam);
Finding trustBundle(Exam& exam);
Finding clockSane(Exam& exam);

// What there is of everything.
Finding openFiles(Exam& exam);
Finding workersCpu(Exam& exam);
Finding memoryLimit(Exam& exam);

// The sidecar that runs.
Finding sidecarAnswers(Exam& exam);
Finding stateFolder(Exam& exam);

}  // namespace outrigger::control::doctor
