// What keeps keys and requests of a process inside it. Called once, at the start, before a key is read.
#pragma once

namespace outrigger::net {

/// No core file, however it ends; no other process of this user may attach to it or read its memory. Under a sanitizer,
/// which must attach, only the first.
void forbidDumps();

}  // namespace outrigger::net
