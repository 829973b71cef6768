// Any bytes as a file of Kubernetes' objects: the reader never crashes, gives documents or at least one error, and what
// is written as YAML again is read as the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "config/manifest.h"
#include "config/write_yaml.h"
#include "config/yaml.h"

namespace outrigger::config {
namespace {

[[noreturn]] void fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "manifest_fuzz: %s:\n%s\n", what, text.c_str());
  std::abort();
}

void checkDocument(const ManifestDocument& document) {
  Diagnostics diagnostics("f.yaml", document.text);
  const auto root = readYaml(Source::File, diagnostics, Dialect::Manifest);
  if (!root) fail("a document is read only with the others", std::string(document.text));
  const std::string yaml = writeYaml(*root);
  const auto again = readManifest(yaml, "again.yaml");
  if (!again) fail("what was written cannot be read", yaml + render(again.error().front()));
  if (again->back().json != document.json) fail("what was written is read as something else", yaml);
}

}  // namespace
}  // namespace outrigger::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger::config;
  const outrigger::Bytes text(reinterpret_cast<const char*>(data), size);
  const auto documents = readManifest(text, "f.yaml");
  if (!documents && documents.error().empty()) fail("neither documents nor an error", std::string(text));
  if (!documents) return 0;
  std::string whole;
  for (const ManifestDocument& document : *documents) {
    whole += document.text;
    checkDocument(document);
  }
  if (whole != text) fail("the documents are not the file", whole);
  return 0;
}
