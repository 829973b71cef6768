// injector.yaml: read strictly, like the sidecar's own config, with every error in its place. Pure; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "control/inject/settings.h"

namespace outrigger::control::inject {

struct CertificateFiles {
  std::string cert;
  std::string key;
};

struct ListenSettings {
  Address webhook;
  Address telemetry;
};

struct InjectorFile {
  ListenSettings listen;
  CertificateFiles certificate;
  Settings settings;
};

struct InjectorLoad {
  std::shared_ptr<const InjectorFile> file;  ///< nullptr: there is at least one error
  std::vector<config::Diagnostic> diagnostics;
};

/// `config` is judged as a sidecar's whole config; what depends on a pod's environment passes.
InjectorLoad loadInjectorFile(Bytes text, const std::string& fileName);

}  // namespace outrigger::control::inject
