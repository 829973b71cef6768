// What Kubernetes' EndpointSlices (discovery.k8s.io/v1) say about the endpoints of one service: JSON text in, endpoint
// lists out. Pure; knows no connection and no time.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "control/discovery/source.h"
#include "proxy/base/bytes.h"

namespace outrigger::control::discovery {

/// Which port of the endpoints is meant.
struct ServicePort {
  std::string name{};   ///< as the service names it; each slice tells the number. Empty: `number`
  uint16_t number = 0;  ///< the endpoints' own, whatever their slices name
};

/// An endpoint that may be called.
struct SliceEndpoint {
  Address address;
  std::string pod{};  ///< uid of what it is an address of; empty: unknown
  bool ready = true;  ///< else it ends, and still serves
};

/// One slice, as far as it matters here.
struct EndpointSlice {
  std::string name{};
  std::string version{};  ///< resourceVersion
  std::vector<SliceEndpoint> endpoints{};
  size_t unusable = 0;                   ///< endpoints that are not ready, or have no port of that name
  std::vector<std::string> portNames{};  ///< where the one that was asked for is missing: those that there are
};

/// A page of a list.
struct SlicePage {
  std::string version;  ///< of the whole list
  std::string next;     ///< asks for the page behind this one (`continue`); empty: it is the last one
  std::vector<EndpointSlice> slices;
};

/// A line of a watch.
struct SliceEvent {
  enum class Kind : uint8_t {
    Changed,   ///< or new
    Gone,      ///< `slice` has name and version alone
    Bookmark,  ///< nothing happened up to `version`
    Expired,   ///< the version that we watch from is forgotten: list anew
    Failed,    ///< the server gives up, and says `why`
  };
  Kind kind = Kind::Bookmark;
  std::string version{};
  EndpointSlice slice{};
  std::string why{};
};

/// The errors are half a sentence: what is wrong with the text.
std::expected<SlicePage, std::string> readSlicePage(Bytes json, const ServicePort& port);
std::expected<SliceEvent, std::string> readSliceEvent(Bytes json, const ServicePort& port);
/// The message of a Status object; empty: it is none.
std::string statusMessage(Bytes json);

/// All slices of the service.
class EndpointSlices {
 public:
  /// A complete list: what it does not have is gone.
  void replace(std::vector<EndpointSlice> slices, std::string version);
  /// Takes in Changed, Gone or Bookmark. False: it is older than what is known, and ignored.
  bool apply(const SliceEvent& event);

  /// Where to watch from; empty: nothing is known yet.
  const std::string& version() const { return version_; }

  /// Of all slices together, each once, in a stable order: those that are ready, or, where none is, those that still
  /// serve. Of a pod with addresses of both families the IPv4 one.
  std::vector<Found> endpoints() const;
  /// Why there are none, for a person.
  std::string whyNone() const;

 private:
  std::map<std::string, EndpointSlice> slices_;  // by name
  std::string version_;
};

}  // namespace outrigger::control::discovery
