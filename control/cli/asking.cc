#include "control/cli/asking.h"

#include <cstdlib>

namespace outrigger::control::cli {

void addAskOptions(CLI::App& verb, AskOptions& options) {
  verb.add_option("--admin", options.admin,
                  std::string("The admin listener of the sidecar to ask; without it, what ") + kAdminVariable +
                      " holds, or " + kAdminDefault)
      ->type_name("ADDRESS");
  verb.add_flag("--json", options.json, "Print JSON");
}

void tell(const AskOptions& options, const Json& json, const std::function<std::string()>& words) {
  print(options.json ? jsonText(json) : words());
}

int withSidecar(const std::string& verb, const AskOptions& options,
                const std::function<std::expected<int, std::string>(AdminClient& sidecar)>& talk) {
  const auto address = chooseAdmin(options.admin, std::getenv(kAdminVariable));
  if (!address) return fail(verb, kUnusable, address.error(), options.json);
  AdminClient sidecar(*address);
  try {
    const auto told = talk(sidecar);
    return told ? *told : fail(verb, kFinding, told.error(), options.json);
  } catch (const Json::exception& error) {
    return fail(verb, kFinding,
                "the sidecar at " + sidecar.where() + " answers in a way that this program, version " +
                    OUTRIGGER_VERSION ", does not know (" + error.what() + ")",
                options.json);
  }
}

}  // namespace outrigger::control::cli
