// The three standard streams of a process. At its start, on the main thread.
#pragma once

namespace outrigger::control::cli {

/// Opens /dev/null where a standard stream is closed: the next file that is opened would take its number, and what is
/// printed would go there.
void completeStandardStreams();

}  // namespace outrigger::control::cli
