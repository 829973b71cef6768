#include "control/tls_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "proxy/net/digest.h"
#include "proxy/net/tls_context.h"

namespace outrigger::control {
namespace {

constexpr size_t kLargestFile = 1024 * 1024;

// The error is a clause that follows the path.
std::expected<std::string, std::string> readFile(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) {
    text.resize(kLargestFile + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
  }
  if (!in && !in.eof())
    return std::unexpected(std::string("cannot be read: ") + std::strerror(errno != 0 ? errno : EIO));
  if (text.size() > kLargestFile) return std::unexpected("is larger than 1 MiB");
  return text;
}

}  // namespace

std::vector<std::string> tlsFiles(const config::Model& model) {
  std::vector<std::string> paths;
  const auto add = [&paths](const std::string& path) {
    if (!path.empty() && std::ranges::count(paths, path) == 0) paths.push_back(path);
  };
  if (model.identity) {
    add(model.identity->cert);
    add(model.identity->key);
    add(model.identity->trust);
  }
  for (const config::UpstreamModel& upstream : model.upstreams) {
    if (upstream.tls) add(upstream.tls->trust);
  }
  return paths;
}

std::string digestOf(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) {
    const auto text = readFile(path);
    all += path + '\0' + (text ? net::sha256Hex(*text) : text.error()) + '\0';
  }
  return all.empty() ? std::string() : net::sha256Hex(all);
}

void TlsFiles::begin(WallTime now) {
  now_ = now;
  texts_.clear();
  expiries_.clear();
  ownIdentity_.clear();
  std::erase_if(materials_, [](const Material& material) { return material.use_count() == 1; });
}

void TlsFiles::keepTexts() {
  keptAt_ = now_;
  keptTexts_ = texts_;
}

void TlsFiles::beginAgain() {
  begin(keptAt_);
  texts_ = keptTexts_;
}

std::expected<TlsFiles::Material, TlsFiles::Failure> TlsFiles::read(const Sources& sources) {
  TlsMaterial fresh;
  for (const auto& [path, text] : {std::pair(&sources.certificate, &fresh.certificate),
                                   std::pair(&sources.key, &fresh.key), std::pair(&sources.trust, &fresh.trust)}) {
    if (path->empty()) continue;
    auto known = texts_.find(*path);
    if (known == texts_.end()) {
      auto found = readFile(*path);
      if (!found) return std::unexpected(Failure{sources.place, *path + " " + found.error()});
      known = texts_.emplace(*path, std::move(*found)).first;
    }
    *text = known->second;
  }
  const auto facts = net::examine(fresh, now_);
  if (!facts) {
    using Part = net::TlsFlaw::Part;
    const Part part = facts.error().part;
    const std::string& path = part == Part::Certificate ? sources.certificate
                              : part == Part::Key       ? sources.key
                                                        : sources.trust;
    return std::unexpected(Failure{sources.place, path + ": " + facts.error().text});
  }
  if (facts->certificate) {
    expiries_["identity"] = facts->certificate->notAfter;
    ownIdentity_ = facts->certificate->identity;
  }
  if (facts->trust) expiries_[sources.trustName] = facts->trust->notAfter;
  const auto same = std::ranges::find_if(materials_, [&fresh](const Material& known) {
    return known->certificate == fresh.certificate && known->key == fresh.key && known->trust == fresh.trust;
  });
  if (same != materials_.end()) return *same;
  materials_.push_back(std::make_shared<const TlsMaterial>(std::move(fresh)));
  return materials_.back();
}

// The same settings keep the same object: contexts and sessions hang on it.
template <class Settings, class Same>
std::shared_ptr<const Settings> TlsFiles::keep(std::map<std::string, std::shared_ptr<const Settings>>& kept,
                                               const std::string& name, Settings fresh, Same&& same) {
  std::shared_ptr<const Settings>& known = kept[name];
  if (known == nullptr || !same(*known, fresh)) known = std::make_shared<const Settings>(std::move(fresh));
  return known;
}

std::expected<TlsFiles::ServerSettings, TlsFiles::Failure> TlsFiles::forApp(const config::Model& model) {
  if (!model.app || model.app->tls.mode == config::AppTlsModel::Mode::None || !model.identity) return nullptr;
  const config::IdentityModel& identity = *model.identity;
  const bool asks = model.app->tls.clients != TlsServerSettings::Clients::Ignored;
  auto material = read({identity.cert, identity.key, asks ? identity.trust : "", "trust", identity.place});
  if (!material) return std::unexpected(material.error());
  return keep(servers_, "app", TlsServerSettings{*material, model.app->tls.clients},
              [](const TlsServerSettings& a, const TlsServerSettings& b) {
                return a.material == b.material && a.clients == b.clients;
              });
}

std::expected<TlsFiles::ClientSettings, TlsFiles::Failure> TlsFiles::forUpstream(
    const config::Model& model, const config::UpstreamModel& upstream) {
  if (!upstream.tls) return nullptr;
  const config::UpstreamTlsModel& tls = *upstream.tls;
  Sources sources{.trust = tls.trust, .trustName = "upstream " + upstream.name + " trust", .place = tls.place};
  if (model.identity && tls.mode == config::UpstreamTlsModel::Mode::Mutual) {
    sources.certificate = model.identity->cert;
    sources.key = model.identity->key;
  }
  if (tls.trust.empty() && model.identity) {
    sources.trust = model.identity->trust;
    sources.trustName = "trust";
  }
  auto material = read(sources);
  if (!material) return std::unexpected(material.error());
  return keep(clients_, upstream.name, TlsClientSettings{*material, tls.serverName, tls.identities},
              [](const TlsClientSettings& a, const TlsClientSettings& b) {
                return a.material == b.material && a.serverName == b.serverName && a.identities == b.identities;
              });
}

}  // namespace outrigger::control
