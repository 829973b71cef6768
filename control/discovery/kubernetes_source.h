// Follows the endpoints of one service in Kubernetes: lists its EndpointSlices, watches them from there, and begins
// anew when the server has forgotten where we were. What was found stays when the server is away or makes no sense. The
// control thread only.
#pragma once

#include <memory>
#include <string>

#include "control/discovery/endpoint_slices.h"
#include "control/discovery/source.h"
#include "control/outcall/client.h"

namespace outrigger::control::discovery {

/// The service that an upstream's endpoints belong to.
struct KubernetesService {
  std::string name;
  std::string nameSpace;
  ServicePort port;
};

class KubernetesSource final : public Source, private outcall::AnswerSink {
 public:
  /// An empty list is believed once it has stood for so long.
  static constexpr Duration kEmptyHold = 30s;

  /// `api` calls the API server. It and `events` outlive the source, which does not die inside one of the latter's
  /// calls.
  KubernetesSource(outcall::Client& api, std::string upstream, KubernetesService service, SourceEvents& events);

 private:
  enum class Phase : uint8_t { Listing, Watching };

  /// What a failure says of the server, which decides when to ask again.
  enum class Strain : uint8_t {
    None,    ///< a watch has ended: nothing of note, unless it goes on like that
    Server,  ///< it is away, overloaded, or refuses us
  };

  void ask();
  std::string target() const;
  void onHead(const http::ResponseHead& head) override;
  void onBody(Bytes data) override;
  void onEnd() override;
  void onFailed(const std::string& why) override;

  void readPage();
  void readLines(Bytes data);
  bool readLine(Bytes line);
  void onRefused();
  /// A watch stands, and tells us what happens.
  bool watching() const { return phase_ == Phase::Watching && status_ == 200; }
  bool steady() const;
  void askNow();
  void askLater(Phase phase, Strain strain);
  void tell();
  void confirm();
  void trouble(const std::string& why);
  void publish();
  void onEmptyTimer();
  std::string label() const { return service_.nameSpace + "/" + service_.name; }

  outcall::Client& api_;
  Turn& turn_;
  const std::string upstream_;
  const KubernetesService service_;
  SourceEvents& events_;

  Phase phase_ = Phase::Listing;
  std::unique_ptr<outcall::Call> call_;
  uint16_t status_ = 0;  // of the answer under way; 0: there is no head yet
  Instant watchingSince_{};
  std::string text_;                  // of a page, a refusal, or the line that is not complete
  std::vector<EndpointSlice> pages_;  // of the list under way
  std::string next_;                  // asks for its next page

  EndpointSlices slices_;
  std::vector<Found> published_;
  uint32_t failures_ = 0;  // in a row
  bool heard_ = false;     // something true, in the octets just read
  bool inTrouble_ = false;
  bool saidEmpty_ = false;
  Timer<KubernetesSource, &KubernetesSource::ask> askTimer_{*this};
  Timer<KubernetesSource, &KubernetesSource::onEmptyTimer> emptyTimer_{*this};
};

}  // namespace outrigger::control::discovery
