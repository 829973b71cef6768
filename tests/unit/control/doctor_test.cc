// The doctor's checks, one by one: each is content with a machine where all is well, and each finds what it is there
// for, with the remedy that helps.
#include <gmock/gmock.h>

#include <chrono>

#include "tests/unit/control/doctor_world.h"

namespace outrigger::control::doctor {
namespace {

using ::testing::HasSubstr;

struct Bad {
  const char* check;
  Result result;
  const char* found;   ///< a part of it
  const char* remedy;  ///< all of it
  void (*breakIt)(World& world);
};

constexpr const char* kMountFolder =
    "mount the ConfigMap as a folder (a mountPath without subPath), and name the file in it with --config";
constexpr const char* kCheckFile =
    "outrigger check /etc/outrigger/outrigger.yaml shows all of it; outrigger explain CODE says more";
constexpr const char* kAnotherAddress = "end that process, or give the listener another address in the config";
constexpr const char* kServiceItself = "name the service itself; the app beside us is called by `app`";
constexpr const char* kApplyRules =
    "outrigger redirect apply --config /etc/outrigger/outrigger.yaml, as root (in a pod: the init container)";
constexpr const char* kLookAtEndpoint =
    "look whether the service runs there, and whether a firewall or a NetworkPolicy is in between";
constexpr const char* kMountToken =
    "automountServiceAccountToken: true for the pod, and a token that the sidecar's user may read";
constexpr const char* kPair =
    "identity.cert: PEM, the leaf first and then its chain; identity.key: its key without a password; both readable "
    "for the sidecar's user";
constexpr const char* kTrust = "a PEM file with the certificates of the authorities that peers are verified against";
constexpr const char* kSetClock = "set this machine's clock (NTP): dates of certificates, logs and traces depend on it";
constexpr const char* kNameServer = "a line `nameserver ADDRESS` in it; in a pod, dnsPolicy: ClusterFirst";

std::string certificateFile(const char* name) {
  return Certificates::get().folder + "/" + name;
}

// That of 127.0.0.1:15101, opened by uid 15100 as socket 4711.
constexpr const char* kOutboundTaken =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:3AFD 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000        0 4711 1\n";

const Bad kConfigAndListeners[] = {
    {"config-readable", Result::Fail, "No such file",
     "name the file with --config; in a pod, mount the ConfigMap as a folder, readable for the sidecar's user",
     [](World& world) { world.fileError = "/etc/outrigger/outrigger.yaml: No such file or directory"; }},
    {"config-loads", Result::Fail, "2 errors, the first: /etc/outrigger/outrigger.yaml:2:1 OR120", kCheckFile,
     [](World& world) { world.whole = "version: 1\nupstreems: {}\nlissten: {}\n"; }},
    {"config-loads", Result::Warn, "1 warning, the first: /etc/outrigger/outrigger.yaml:2:", kCheckFile,
     [](World& world) { world.whole = "version: 1\nlisten: {admin: '0.0.0.0:15100'}\n"; }},
    {"config-loads", Result::Fail, "cannot be read: No such file",
     "mend what that line names; outrigger check /etc/outrigger/outrigger.yaml says whether it is good",
     [](World& world) {
       world.whole =
           "version: 1\nupstreams: {a: {endpoints: ['10.0.0.1:1'], tls: {serverName: a.example, trust: /none.crt}}}\n";
     }},
    {"config-mount", Result::Fail, "is mounted by itself: the kubelet never renews it", kMountFolder,
     [](World& world) {
       world.machine.files["/proc/self/mountinfo"] += "3 2 8:3 /x /etc/outrigger/outrigger.yaml ro - ext4 disk ro\n";
     }},
    {"config-mount", Result::Warn, "an editor that replaces the file", "mount the folder that it stands in instead",
     [](World& world) {
       world.machine.variables.clear();
       world.path = "/etc/my files/a.yaml";
       world.machine.files["/proc/self/mountinfo"] = "3 2 8:3 /x /etc/my\\040files/a.yaml ro - ext4 disk ro\n";
     }},
    {"listeners-free", Result::Fail, "process 20 (app) listens on 127.0.0.1:15101", kAnotherAddress,
     [](World& world) {
       world.machine.taken["127.0.0.1:15101"] = "cannot bind 127.0.0.1:15101: Address already in use";
       world.machine.files["/proc/net/tcp"] = kOutboundTaken;
       world.machine.links["/proc/20/fd/3"] = "socket:[4711]";
     }},
    {"listeners-free", Result::Fail, "a process of uid 1000 listens on 127.0.0.1:15101", kAnotherAddress,
     [](World& world) {
       world.machine.taken["127.0.0.1:15101"] = "cannot bind 127.0.0.1:15101: Address already in use";
       world.machine.files["/proc/net/tcp"] = kOutboundTaken;
     }},
    {"listeners-free", Result::Fail, "listener outbound (127.0.0.1:15101) cannot be opened: Permission denied",
     "name an address of this machine that the sidecar's user may open, or `none`",
     [](World& world) { world.machine.taken["127.0.0.1:15101"] = "Permission denied"; }},
    {"listener-loop", Result::Fail, "upstream self: its endpoint 10.1.1.1:15106 is our own listener inbound",
     kServiceItself, [](World& world) { world.more = "  self: {endpoints: ['10.1.1.1:15106']}\n"; }},
    {"listener-loop", Result::Fail, "upstream self: its endpoint 10.1.1.1:15190 is our own listener telemetry",
     kServiceItself,
     [](World& world) {
       world.more = "  self: {dns: self.shop, port: 15190}\n";
       world.machine.names["self.shop"] = {"10.0.2.1", "10.1.1.1"};
     }},
    {"admin-loopback", Result::Fail, "whoever reaches it may act",
     "listen.admin: \"127.0.0.1:15100\", or admin: {actions: false}",
     [](World& world) { world.top = "listen: {admin: '0.0.0.0:15100'}\nadmin: {actions: true}\n"; }},
    {"admin-loopback", Result::Warn, "listener admin (0.0.0.0:15100) is open to other machines",
     "listen.admin: \"127.0.0.1:15100\"; metrics are at listen.telemetry",
     [](World& world) { world.top = "listen: {admin: '0.0.0.0:15100'}\n"; }},
    {"telemetry-open", Result::Warn, "is reached from inside this pod alone", "listen.telemetry: \"[::]:15190\"",
     [](World& world) { world.top = "listen: {telemetry: '127.0.0.1:15190'}\n"; }},
    {"ephemeral-ports", Result::Warn, "only 1001 ports (50000-51000)",
     "sysctl net.ipv4.ip_local_port_range=\"32768 60999\"",
     [](World& world) { world.machine.files["/proc/sys/net/ipv4/ip_local_port_range"] = "50000 51000\n"; }},
    {"ephemeral-ports", Result::Warn, "listener outbound (127.0.0.1:15101) is among the ports 15101-60999",
     "a port below 15101, or sysctl net.ipv4.ip_local_reserved_ports=15101",
     [](World& world) {
       world.machine.files["/proc/sys/net/ipv4/ip_local_port_range"] = "15101 60999\n";
       world.machine.files["/proc/sys/net/ipv4/ip_local_reserved_ports"] = "15102-15110,15190\n";
     }},
};

const Bad kNeighbours[] = {
    {"uid-clash", Result::Fail, "process 20 (app) runs as uid 15100, the sidecar's own",
     "run the app as another user (securityContext.runAsUser); no container but the sidecar's has uid 15100",
     [](World& world) { world.process(20, 1, 15100, "app", {"/app"}); }},
    {"redirect-rules", Result::Fail, "the kernel redirects nothing", kApplyRules,
     [](World& world) { world.machine.rules = ""; }},
    {"redirect-rules", Result::Fail, "send nothing to port 16000, where listener outbound is", kApplyRules,
     [](World& world) { world.top += "listen: {outbound: '127.0.0.1:16000'}\n"; }},
    {"app-answers", Result::Fail, "takes no connection at 127.0.0.1:8080: connection refused",
     "start the app, or name under `app` the port that it listens on",
     [](World& world) { world.machine.silent = {"127.0.0.1:8080"}; }},
    {"endpoints-reachable", Result::Warn, "1 of 2 endpoints took no connection within 1 s, the first: 10.0.0.8:80: ",
     kLookAtEndpoint, [](World& world) { world.machine.silent = {"10.0.0.8:80"}; }},
    {"tracing-collector", Result::Warn, "takes no connection at 10.0.0.9:4318",
     "look whether it runs, or mend tracing.collector", [](World& world) { world.machine.silent = {"10.0.0.9:4318"}; }},
    {"upstream-dns", Result::Fail, "payments.shop gives no address: the name does not exist",
     "look the name up from here, in full (NAME.NAMESPACE.svc.cluster.local), and mend `dns`",
     [](World& world) { world.machine.names.clear(); }},
    {"upstream-dns", Result::Warn, "payments.shop gives one address alone, 10.96.3.4",
     "use a headless Service (clusterIP: None), or `kubernetes` instead of `dns`",
     [](World& world) { world.machine.names["payments.shop"] = {"10.96.3.4"}; }},
    {"resolv-conf", Result::Fail, "cannot be read: No such file or directory, and the config has names to look up",
     kNameServer, [](World& world) { world.machine.files.erase("/etc/resolv.conf"); }},
    {"resolv-conf", Result::Warn, "names no name server; the config has no names to look up", kNameServer,
     [](World& world) {
       world.whole = "version: 1\n";
       world.machine.files["/etc/resolv.conf"] = "# nameserver 10.96.0.10\n";
     }},
    {"resolv-conf", Result::Warn, "a name with fewer than 5 dots is tried in 4 search domains first",
     "dnsConfig: {options: [{name: ndots, value: \"1\"}]} in the pod's spec, and full names in the config",
     [](World& world) {
       world.machine.files["/etc/resolv.conf"] = "nameserver 10.96.0.10\nsearch a b c d\noptions edns0 ndots:5\n";
     }},
    {"service-account", Result::Fail, "KUBERNETES_SERVICE_PORT",
     "run this inside the pod; leave enableServiceLinks and the environment of Kubernetes as they are",
     [](World& world) { world.machine.variables.erase("KUBERNETES_SERVICE_PORT"); }},
    {"service-account", Result::Fail, "/account/token cannot be read: No such file or directory", kMountToken,
     [](World& world) { world.machine.files.erase("/account/token"); }},
    {"service-account", Result::Fail, "/account/namespace is empty", kMountToken,
     [](World& world) { world.machine.files["/account/namespace"] = ""; }},
};

const Bad kCertificatesAndLimits[] = {
    {"certificate-pair", Result::Fail, "/tls.key cannot be read: No such file", kPair,
     [](World& world) { world.machine.files.erase(certificateFile("tls.key")); }},
    {"certificate-pair", Result::Fail, "/tls.key: it does not belong to the certificate", kPair,
     [](World& world) { world.machine.files[certificateFile("tls.key")] = test::TestAuthority().leaf().key; }},
    {"certificate-pair", Result::Fail, "/tls.crt: there is no PEM certificate in it", kPair,
     [](World& world) { world.machine.files[certificateFile("tls.crt")] = "hello"; }},
    {"certificate-dates", Result::Fail, "has expired on ", "renew it; the sidecar takes the new file without a restart",
     [](World& world) { world.machine.clock += 24h * 301; }},
    {"certificate-dates", Result::Fail, "is not valid before ",
     "wait until then, mend the clock, or have it issued anew", [](World& world) { world.machine.clock -= 24h * 31; }},
    {"certificate-dates", Result::Warn, "expires in 19 d", "renew it soon, or look whether its renewal works",
     [](World& world) { world.machine.clock += 24h * 280 + 1h; }},
    {"certificate-dates", Result::Warn, "every call by TLS will fail from then on",
     "renew it now; whoever should have done so by itself (cert-manager, SPIRE) does not",
     [](World& world) { world.machine.clock += 24h * 295; }},
    {"trust-bundle", Result::Fail, "/ca.crt cannot be read: No such file", kTrust,
     [](World& world) { world.machine.files.erase(certificateFile("ca.crt")); }},
    {"trust-bundle", Result::Fail, "/ca.crt is empty", kTrust,
     [](World& world) { world.machine.files[certificateFile("ca.crt")] = ""; }},
    {"trust-bundle", Result::Fail, "/ca.crt: it has expired on ", kTrust,
     [](World& world) { world.machine.clock += 24h * 366; }},
    {"trust-bundle", Result::Warn, "/ca.crt: an authority expires in 14 d",
     "put the new authority beside it before that day, and renew what it has issued",
     [](World& world) { world.machine.clock += 24h * 350 + 1h; }},
    {"clock", Result::Fail, "the clock says 1970-01-01T00:00:00.000Z, which cannot be", kSetClock,
     [](World& world) { world.machine.clock = {}; }},
    {"clock", Result::Fail, "but the config file was changed at ", kSetClock,
     [](World& world) { world.machine.changed[world.path] = world.machine.clock + 6min; }},
    {"clock", Result::Fail, "but our certificate was issued for the time from ", kSetClock,
     [](World& world) {
       world.machine.clock -= 24h * 31;
       world.machine.changed.clear();
     }},
    {"open-files", Result::Warn, "1024 files may be open, but limits.connections asks for 2148",
     "ulimit -n 2148 or more for the sidecar, or a smaller limits.connections",
     [](World& world) { world.machine.files["/proc/7/limits"] = "Max open files  1024  1048576  files\n"; }},
    {"workers-cpu", Result::Warn, "3 workers, but the container's quota is 1.5 CPUs", "workers: 2, or workers: auto",
     [](World& world) {
       world.top = "workers: 3\n";
       world.machine.files["/sys/fs/cgroup/cpu.max"] = "150000 100000\n";
     }},
    {"workers-cpu", Result::Warn, "8 workers, but there are 4 CPUs", "workers: 4, or workers: auto",
     [](World& world) {
       world.top = "workers: 8\n";
       world.machine.files["/sys/fs/cgroup/cpu.max"] = "max 100000\n";
     }},
    {"workers-cpu", Result::Warn, "the sidecar runs 4 workers, and the config says 2: a reload leaves that as it was",
     "restart the sidecar",
     [](World& world) {
       world.answers({{"version", OUTRIGGER_VERSION}, {"workers", 4}});
     }},
    {"memory-limit", Result::Warn, "the container may use 63 MiB", "resources.limits.memory: 64Mi or more",
     [](World& world) { world.machine.files["/sys/fs/cgroup/memory.max"] = "67108863\n"; }},
};

const Bad kSidecar[] = {
    {"sidecar-answers", Result::Warn, "process 7 (outrigger) runs a sidecar, but nobody answers at 127.0.0.1:15100",
     "name its admin listener with --admin; if that is the one, the process hangs: its log says more",
     [](World& world) { world.nobodyAnswers(); }},
    {"sidecar-answers", Result::Fail, "is no sidecar's admin page: its answer is not a sidecar's",
     "name the sidecar's admin listener with --admin, or end what has taken its place",
     [](World& world) { world.machine.status.text = "<html>"; }},
    {"sidecar-answers", Result::Fail, "goes on with an older one: /a.yaml:3:1 OR120 unknown key",
     "outrigger check /etc/outrigger/outrigger.yaml, mend it; it is loaded as soon as it changes",
     [](World& world) {
       world.answers({{"version", OUTRIGGER_VERSION},
                      {"ready", true},
                      {"config",
                       {{"newest_is_in_effect", false},
                        {"error", "/a.yaml:2:1 OR308 a risk\n  y: 1\n/a.yaml:3:1 OR120 unknown key\n  x: 1"}}}});
     }},
    {"sidecar-answers", Result::Warn, "the sidecar is not ready: draining", "outrigger status shows how it stands",
     [](World& world) {
       world.answers({{"version", OUTRIGGER_VERSION}, {"ready", false}, {"blockers", {"draining"}}});
     }},
    {"sidecar-answers", Result::Warn, "is of version 0.0.9, this program of " OUTRIGGER_VERSION,
     "ask with the program that runs (kubectl exec into its container), or restart it with this one",
     [](World& world) {
       world.answers({{"version", "0.0.9"}, {"ready", true}});
     }},
    {"sidecar-answers", Result::Fail, "answers as no sidecar of this version does",
     "ask with the program that runs there",
     [](World& world) {
       world.answers({{"version", OUTRIGGER_VERSION}, {"ready", "yes"}});
     }},
    {"state-folder", Result::Fail, "/state is no folder", "mount one there (an emptyDir will do)",
     [](World& world) { world.machine.folders.clear(); }},
    {"state-folder", Result::Fail, "/state cannot be written to by this user",
     "give it to the sidecar's user (fsGroup in the pod's securityContext)",
     [](World& world) { world.machine.folders["/state"] = false; }},
    {"state-folder", Result::Warn, "/state/last-good.yaml is not there yet",
     "start the sidecar once with a good config and this --state",
     [](World& world) { world.machine.files.erase("/state/last-good.yaml"); }},
    {"state-folder", Result::Warn, "/state/last-good.yaml cannot be read (No such file or directory)",
     "look at it as the sidecar's user; the next good config replaces it",
     [](World& world) {
       world.machine.files.erase("/state/last-good.yaml");
       world.machine.changed["/state/last-good.yaml"] = world.machine.clock;
     }},
    {"state-folder", Result::Warn, "/state/last-good.yaml does not load",
     "outrigger check /state/last-good.yaml; the next good config replaces it",
     [](World& world) { world.machine.files["/state/last-good.yaml"] = "version: 2\n"; }},
};

std::vector<Bad> allBad() {
  std::vector<Bad> all;
  for (const Bad& bad : kConfigAndListeners) all.push_back(bad);
  for (const Bad& bad : kNeighbours) all.push_back(bad);
  for (const Bad& bad : kCertificatesAndLimits) all.push_back(bad);
  for (const Bad& bad : kSidecar) all.push_back(bad);
  return all;
}

TEST(Doctor, IsContentWhereAllIsWell) {
  World world;
  const auto all = world.examineAll();
  EXPECT_GE(all.size(), 18U);
  for (const auto& [check, finding] : all) {
    EXPECT_EQ(finding.result, Result::Ok) << check->name << ": " << finding.found << " / " << finding.remedy;
    EXPECT_FALSE(finding.found.empty()) << check->name;
    EXPECT_EQ(finding.remedy, "") << check->name;
  }
}

TEST(Doctor, FindsWhatIsWrongAndSaysWhatHelps) {
  for (const Bad& bad : allBad()) {
    World world;
    bad.breakIt(world);
    const Finding finding = world.run(bad.check);
    EXPECT_STREQ(word(finding.result), word(bad.result)) << bad.check << ": " << finding.found;
    EXPECT_THAT(finding.found, HasSubstr(bad.found)) << bad.check;
    EXPECT_EQ(finding.remedy, bad.remedy) << bad.check;
  }
}

TEST(Doctor, EveryCheckIsSeenToFind) {
  for (const Check& check : allChecks()) {
    size_t cases = 0;
    for (const Bad& bad : allBad()) cases += bad.check == check.name ? 1 : 0;
    EXPECT_GE(cases, 1U) << check.name << " has no case in which it finds anything";
  }
}

TEST(Doctor, ChecksHaveNamesOfTheirOwnInKebabCase) {
  std::set<Bytes> names;
  for (const Check& check : allChecks()) {
    EXPECT_TRUE(names.insert(check.name).second) << check.name;
    EXPECT_EQ(check.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), Bytes::npos) << check.name;
    EXPECT_THAT(checkTable(), HasSubstr("| `" + std::string(check.name) + "` | " + std::string(check.finds) + " |"));
  }
}

TEST(Doctor, SaysWhyItSkips) {
  World world;
  world.whole = "version: 1\nlisten: {admin: none, telemetry: none}\n";
  world.stateFolder.reset();
  world.end(7);
  world.nobodyAnswers();
  const std::map<Bytes, const char*> why{
      {"admin-loopback", "there is no admin listener"},
      {"telemetry-open", "there is no telemetry listener"},
      {"uid-clash", "redirect.enabled is false"},
      {"redirect-rules", "redirect.enabled is false"},
      {"app-answers", "the config names no app"},
      {"endpoints-reachable", "the config itself names no endpoint"},
      {"tracing-collector", "no spans are exported"},
      {"upstream-dns", "no upstream has `dns`"},
      {"service-account", "no upstream has `kubernetes`"},
      {"certificate-pair", "the config has no `identity`"},
      {"certificate-dates", "the config has no `identity`"},
      {"trust-bundle", "the config names no authorities"},
      {"open-files", "/proc/self/limits cannot be read"},
      {"sidecar-answers", "no sidecar is seen to run: nobody answers at 127.0.0.1:15100 (connection refused)"},
      {"state-folder", "no --state folder is given"},
  };
  for (const auto& [check, finding] : world.examineAll()) {
    const auto expected = why.find(check->name);
    EXPECT_EQ(finding.result == Result::Skipped, expected != why.end()) << check->name << ": " << finding.found;
    if (expected == why.end()) continue;
    EXPECT_THAT(finding.found, HasSubstr(expected->second)) << check->name;
  }
}

TEST(Doctor, WithoutAFileOnlyTheMachineIsLookedAt) {
  World world;
  world.fileError = "no such file";
  for (const auto& [check, finding] : world.examineAll()) {
    EXPECT_EQ(finding.found == "the config does not load", check->needsModel) << check->name;
  }
}

TEST(Doctor, AListenerThatTheSidecarHoldsIsFine) {
  World world;
  world.machine.taken["127.0.0.1:15101"] = "Address already in use";
  world.machine.files["/proc/net/tcp"] = kOutboundTaken;
  world.machine.links["/proc/7/fd/9"] = "socket:[4711]";
  EXPECT_EQ(world.run("listeners-free").found, "the running sidecar holds 1 listener, and 4 more can be opened");
  world.machine.links.clear();  // it lets nobody look into its descriptors, but its page tells
  world.answers({{"version", OUTRIGGER_VERSION}, {"listeners", {{"outbound", "127.0.0.1:15101"}}}});
  EXPECT_EQ(world.run("listeners-free").result, Result::Ok);
  world.nobodyAnswers();  // and its user
  EXPECT_EQ(world.run("listeners-free").result, Result::Fail);
  world.process(7, 1, 1000, "outrigger", {"outrigger", "run"});
  EXPECT_EQ(world.run("listeners-free").result, Result::Ok);
}

TEST(Doctor, AnotherSidecarIsInTheWayLikeAnybodyElse) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"outrigger", "demo"}, {"outrigger", "run", "--config", "/other.yaml"}}) {
    World world;
    world.machine.taken["127.0.0.1:15101"] = "Address already in use";
    world.machine.files["/proc/net/tcp"] = kOutboundTaken;
    world.machine.links["/proc/8/fd/9"] = "socket:[4711]";
    world.process(8, 1, 1000, "outrigger", command);
    EXPECT_THAT(world.run("listeners-free").found, HasSubstr("process 8 (outrigger) listens on 127.0.0.1:15101"));
    world.end(7);
    world.nobodyAnswers();
    EXPECT_THAT(world.run("listeners-free").found, HasSubstr("process 8 (outrigger) listens on 127.0.0.1:15101"));
    world.answers({{"version", OUTRIGGER_VERSION}, {"pid", 8}});
    EXPECT_EQ(world.run("listeners-free").result, Result::Ok) << "it is the one that we were told to ask";
  }
}

TEST(Doctor, LooksUpThirtyTwoNamesAndSaysSoWhereThereAreMore) {
  World world;
  world.more = "";
  for (int i = 1; i <= 32; ++i) {
    if (i == 32) {  // with that of payments
      EXPECT_EQ(world.run("upstream-dns").found, "32 names resolve to several addresses each");
    }
    world.more += "  many-" + std::to_string(i) + ": {dns: payments.shop, port: 80}\n";
  }
  EXPECT_EQ(world.run("upstream-dns").found, "the first 32 names resolve to several addresses each");
}

// Each against each, they would take minutes.
TEST(Doctor, ManyEndpointsAreNoMatterOfMinutes) {
  World world;
  world.more = "";
  for (int i = 0; i < 2'000; ++i) {
    const std::string port = std::to_string(20'000 + i);
    world.more +=
        "  db-" + port + ": {endpoints: ['10.3.0.1:5432'], protocol: tcp, listen: '127.0.0.1:" + port + "'}\n";
  }
  for (int i = 0; i < 20'000; ++i) {  // an upstream has at most half as many
    if (i % 10'000 == 0) world.more += "  many-" + std::to_string(i) + ":\n    endpoints:\n";
    world.more += "      - '10.2." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + ":80'\n";
  }
  const Subject subject = world.subject();
  Exam exam(world.machine, subject);
  ASSERT_NE(exam.model(), nullptr);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(listenerLoop(exam).found, "no endpoint is a listener of ours");
  EXPECT_EQ(endpointsReachable(exam).found, "the first 32 of 20003 endpoints take connections");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(Doctor, OurOwnInboundSideAmongWhatTheDnsTellsIsNoCircle) {
  World world;
  world.more = "  self: {dns: self.shop, port: 15106}\n";
  world.machine.names["self.shop"] = {"10.1.1.1", "10.1.1.2"};
  EXPECT_EQ(world.run("listener-loop").result, Result::Ok);
}

TEST(Doctor, AUserWhoseConnectionsAreRedirectedCannotTellWhoAnswers) {
  World world;
  world.process(99, 98, 0, "outrigger", {"outrigger", "doctor"});
  world.machine.silent = {"10.0.0.8:80"};
  EXPECT_EQ(world.run("endpoints-reachable").found,
            "connections of this user are redirected to the sidecar itself: run this as uid 15100");
  EXPECT_EQ(world.run("tracing-collector").result, Result::Skipped);
}

TEST(Doctor, RulesThatMayNotBeListedAreSkipped) {
  World world;
  world.machine.rules = std::unexpected("only for root");
  const Finding finding = world.run("redirect-rules");
  EXPECT_EQ(finding.result, Result::Skipped);
  EXPECT_EQ(finding.found, "only for root");
}

TEST(Doctor, TriesThirtyTwoEndpointsAndSaysSo) {
  World world;
  world.more = "  many: {endpoints: [";
  for (int i = 1; i <= 40; ++i) world.more += "'10.2.0." + std::to_string(i) + ":80', ";
  world.more += "]}\n";
  const Finding finding = world.run("endpoints-reachable");
  EXPECT_EQ(finding.found, "the first 32 of 42 endpoints take connections");
  EXPECT_EQ(world.machine.dialled.size(), 34U) << "those, the app and the collector";
}

TEST(Doctor, AShortLivedCertificateIsNotLateInTheMiddleOfItsLife) {
  World world;
  world.machine.files[certificateFile("tls.crt")] = Certificates::get().authority.leaf({.days = 20}).certificate;
  EXPECT_EQ(world.run("certificate-dates").result, Result::Ok) << "20 of 50 days are left";
  world.machine.clock += 24h * 5;
  EXPECT_EQ(world.run("certificate-dates").result, Result::Warn) << "15 of 50 days are left";
}

}  // namespace
}  // namespace outrigger::control::doctor
