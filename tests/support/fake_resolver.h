// A resolver that answers when the test says so. It outlives what it was asked for, buried or not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/base/resolver.h"

namespace outrigger::testing {

class FakeResolver final : public Resolver {
 public:
  struct Asked final : Resolution {
    Asked(FakeResolver& resolver, std::string name, ResolveSink& sink) : resolver(resolver), name(name), sink(sink) {
      resolver.asked.push_back(this);
      ++resolver.count;
    }
    ~Asked() override { std::erase(resolver.asked, this); }
    FakeResolver& resolver;
    const std::string name;
    ResolveSink& sink;
  };
  std::unique_ptr<Resolution> resolve(const std::string& name, uint16_t port, ResolveSink& sink) override {
    return std::make_unique<Asked>(*this, name + ":" + std::to_string(port), sink);
  }
  std::unique_ptr<Resolution> resolveService(const std::string& name, ResolveSink& sink) override {
    return std::make_unique<Asked>(*this, "SRV " + name, sink);
  }

  std::vector<Asked*> asked;  ///< and not answered or given up yet, the oldest in front
  int count = 0;              ///< of all questions
};

}  // namespace outrigger::testing
