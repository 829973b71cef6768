// The certificates, keys and authorities that the file names: read, checked, and turned into the settings that
// connections are made with. Keeps between reloads what has not changed, so that its sessions stay good. The control
// thread only.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/model.h"
#include "proxy/base/time.h"

namespace outrigger::control {

/// The paths that the model names, each once.
std::vector<std::string> tlsFiles(const config::Model& model);

/// One digest over the contents of files; what cannot be read counts as why not.
std::string digestOf(const std::vector<std::string>& paths);

class TlsFiles {
 public:
  struct Failure {
    config::Place place;
    std::string why;
  };
  using ServerSettings = std::shared_ptr<const TlsServerSettings>;
  using ClientSettings = std::shared_ptr<const TlsClientSettings>;

  /// Begins to read for another model: nothing is read twice for one of them. `now`: what has expired by then is
  /// refused.
  void begin(WallTime now);
  /// What was read since begin() comes into effect.
  void keepTexts();
  /// Begins again for the model that is in effect: nothing is read or judged anew.
  void beginAgain();

  /// How the app's callers are received; nullptr: without TLS.
  std::expected<ServerSettings, Failure> forApp(const config::Model& model);
  /// How an upstream's endpoints are called; nullptr: without TLS.
  std::expected<ClientSettings, Failure> forUpstream(const config::Model& model, const config::UpstreamModel& upstream);

  /// When what is in use expires, by what it is: "identity", "trust", "upstream NAME trust".
  const std::map<std::string, WallTime>& expiries() const { return expiries_; }
  /// Our own SPIFFE ID; empty: none.
  const std::string& ownIdentity() const { return ownIdentity_; }

 private:
  using Material = std::shared_ptr<const TlsMaterial>;
  struct Sources {
    std::string certificate{};  ///< paths; empty: none
    std::string key{};
    std::string trust{};
    std::string trustName{};  ///< as expiries() calls it
    config::Place place;
  };

  std::expected<Material, Failure> read(const Sources& sources);
  template <class Settings, class Same>
  std::shared_ptr<const Settings> keep(std::map<std::string, std::shared_ptr<const Settings>>& kept,
                                       const std::string& name, Settings fresh, Same&& same);

  WallTime now_{};
  std::map<std::string, std::string> texts_;  // by path, of this model
  WallTime keptAt_{};
  std::map<std::string, std::string> keptTexts_;
  std::vector<Material> materials_;  // of the last ones
  std::map<std::string, ServerSettings> servers_;
  std::map<std::string, ClientSettings> clients_;
  std::map<std::string, WallTime> expiries_;
  std::string ownIdentity_;
};

}  // namespace outrigger::control
