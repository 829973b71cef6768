// Any bytes as what an API server says: first line a list, the others events. Nothing crashes, what is read has a
// version, and what comes of it is a list in order, each endpoint once, with a port.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "control/discovery/endpoint_slices.h"

namespace outrigger::control::discovery {
namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "endpoint_slices_fuzz: %s\n", what);
  std::abort();
}

void check(const EndpointSlices& slices) {
  const std::vector<Found> found = slices.endpoints();
  const auto order = [](const Address& address) {
    return std::tuple(address.family(), address.octets(), address.port());
  };
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].address.isIp() || found[i].address.port() == 0) fail("an endpoint that cannot be called");
    if (i > 0 && order(found[i - 1].address) >= order(found[i].address)) fail("the endpoints do not ascend");
  }
  if (found.empty() && slices.whyNone().empty()) fail("nobody says why there is none");
}

void run(Bytes text, const ServicePort& port) {
  EndpointSlices slices;
  for (bool first = true; !text.empty(); first = false) {
    const size_t end = text.find('\n');
    const Bytes line = text.substr(0, end);
    text.remove_prefix(end == Bytes::npos ? text.size() : end + 1);
    statusMessage(line);
    if (first) {
      auto page = readSlicePage(line, port);
      if (!page && page.error().empty()) fail("an error without a word");
      if (!page) continue;
      if (page->version.empty()) fail("a list without a version");
      slices.replace(std::move(page->slices), page->version);
    } else if (const auto event = readSliceEvent(line, port)) {
      const bool news = event->kind != SliceEvent::Kind::Expired && event->kind != SliceEvent::Kind::Failed;
      if (news == event->version.empty()) fail("an event without a version, or an error with one");
      if (news) slices.apply(*event);
    } else if (event.error().empty()) {
      fail("an error without a word");
    }
    check(slices);
  }
}

}  // namespace
}  // namespace outrigger::control::discovery

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const outrigger::Bytes text(reinterpret_cast<const char*>(data), size);
  outrigger::control::discovery::run(text, {.name = "http"});
  outrigger::control::discovery::run(text, {.number = 8080});
  return 0;
}
