// Each row of table.txt, against the whole worker: once with its octets in one piece, once one at a time.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/sim/raw_bytes/table.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim::raw_bytes {

// How gtest prints a row that fails.
void PrintTo(const Row& row, std::ostream* out) {
  *out << "table.txt:" << row.line << " " << row.group << ": " << row.name;
}

enum class Pace { AtOnce, OneByOne };

void PrintTo(Pace pace, std::ostream* out) {
  *out << (pace == Pace::AtOnce ? "at once" : "one octet at a time");
}

namespace {

// A connection is made between two octets, and the largest head still comes in time.
constexpr Duration kLatency = 10us;
constexpr Duration kBetweenOctets = 100us;
constexpr Duration kLongEnough = 2s;  // for all that follows on its own; less than any timeout that the rows would meet

std::vector<Row> rowsOf(Row::Side side) {
  const std::filesystem::path here = __FILE__;
  std::vector<Row> rows = readTable(here.parent_path() / "table.txt");
  std::erase_if(rows, [&](const Row& row) { return row.side != side; });
  return rows;
}

std::string configOf(const Row& row) {
  std::string yaml = "policies: {default: {retry: {limit: 0}}}\n";
  yaml += "upstreams: {orders: {endpoints: ['${orders}']}}\n";
  if (row.inbound) yaml += "app: {address: '${orders}'}\n";
  return yaml + row.config + "\n";
}

/// "100, 200, 400 malformed, closed": all that came to a caller, in words.
std::string wordsOf(const Client& client) {
  std::string words;
  const auto add = [&](const std::string& word) { words += (words.empty() ? "" : ", ") + word; };
  for (const test::SeenResponse& response : client.responses()) {
    for (const int interim : response.interims) add(std::to_string(interim));
    if (response.status == 0) continue;
    const std::string reason = response.reason();
    add(std::to_string(response.status) + (reason.empty() ? "" : " " + reason));
    if (!response.complete) add("cut");
  }
  if (words.empty()) words = "nothing";
  return client.closed() ? words + ", closed" : words;
}

class RawBytes : public ::testing::TestWithParam<std::tuple<Row, Pace>> {
 protected:
  RawBytes() { world.network().setLatency(kLatency); }

  const Row& row() const { return std::get<0>(GetParam()); }
  Pace pace() const { return std::get<1>(GetParam()); }

  void send(Client& client, const Sent& sent) {
    if (pace() == Pace::AtOnce) {
      client.send(sent.octets);
    } else {
      for (const char octet : sent.octets) {
        client.send(std::string(1, octet));
        world.run(kBetweenOctets);
      }
    }
    if (sent.end == Sent::End::Fin) client.finish();
    if (sent.end == Sent::End::Reset) client.reset();
    world.run(kLongEnough);
  }

  // One at a time, chunks are smaller; that is all that may differ.
  std::string shown(const std::string& octets, const std::string& given) const {
    return notationOf(masked(pace() == Pace::AtOnce ? octets : withJoinedChunks(octets), given));
  }
  std::string shown(const std::string& notation) const {
    const std::string octets = octetsOf(notation);
    return notationOf(pace() == Pace::AtOnce ? octets : withJoinedChunks(octets));
  }

  void expectReply(const Client& client, const std::string& reply, const std::string& given) {
    if (!reply.starts_with("HTTP/")) {
      EXPECT_EQ(wordsOf(client), octetsOf(reply));
      return;
    }
    const std::string end = reply.ends_with("{closed}") ? "{closed}" : "";
    EXPECT_EQ(shown(client.octets(), given), shown(reply.substr(0, reply.size() - end.size())));
    EXPECT_EQ(client.closed(), !end.empty());
  }

  World world;
};

class Request : public RawBytes {
 protected:
  void expectAtUpstream(const Upstream& orders) {
    const std::string& outcome = row().outcome;
    const std::string actual = shown(orders.octets(), row().sent.octets);
    const std::string kAborted = "aborted ";
    if (outcome == "nothing") {
      EXPECT_EQ(actual, "");
      EXPECT_EQ(orders.connectionsAccepted(), 0U) << "not even a connection was needed";
    } else if (outcome.starts_with(kAborted)) {
      EXPECT_EQ(orders.hits(), 0U) << "the request never becomes complete";
      EXPECT_TRUE(actual.empty() || orders.connectionsOpen() == 0) << "the connection is not used again";
      const std::string most = shown(outcome.substr(kAborted.size()));
      EXPECT_TRUE(most.starts_with(actual)) << actual << "\nis not the beginning of\n" << most;
      EXPECT_TRUE(pace() == Pace::AtOnce || actual == most) << actual << "\nis not\n" << most;
    } else {
      EXPECT_EQ(actual, shown(outcome));
    }
  }
};

TEST_P(Request, IsTreatedAsTheTableSays) {
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(configOf(row()));
  Client& client = sidecar.connect(row().inbound ? Direction::Inbound : Direction::Outbound);
  send(client, row().sent);
  expectReply(client, row().reply, row().sent.octets);
  expectAtUpstream(orders);
  if (client.closed() || client.octets().empty()) return;
  // What follows is understood: both sides agree on where the request ended.
  const size_t before = client.octets().size();
  client.send("GET /after HTTP/1.1\r\nHost: orders\r\n\r\n");
  world.run(kLongEnough);
  EXPECT_TRUE(client.octets().substr(before).starts_with("HTTP/1.1 200 ")) << client.octets().substr(before);
  ASSERT_FALSE(orders.requests().empty());
  EXPECT_EQ(orders.requests().back().target, "/after");
}

class Answer : public RawBytes {};

TEST_P(Answer, IsTreatedAsTheTableSays) {
  auto& orders = world.upstream("orders").sends(row().sent.octets);
  if (row().sent.end == Sent::End::Fin) orders.andCloses();
  if (row().sent.end == Sent::End::Reset) orders.andResets();
  if (pace() == Pace::OneByOne) orders.oneByOne(kBetweenOctets);
  orders.then(200);
  auto& sidecar = world.sidecar(configOf(row()));
  Client& client = sidecar.connect();
  client.send(row().asked);
  world.run(kLongEnough + kBetweenOctets * static_cast<int64_t>(row().sent.octets.size()));
  const bool differs = pace() == Pace::OneByOne && row().bytewise;
  expectReply(client, differs ? *row().bytewise : row().reply, row().sent.octets);
  EXPECT_EQ(orders.hits(), 1U);
  const auto next = sidecar.get("orders", "/next");
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(next.body, "ok");
  EXPECT_EQ(orders.connectionsAccepted() == 1 ? "reused" : "not reused", row().outcome);
}

std::string nameOf(const ::testing::TestParamInfo<std::tuple<Row, Pace>>& info) {
  const char* pace = std::get<1>(info.param) == Pace::AtOnce ? "" : "__one_by_one";
  return std::get<0>(info.param).testName() + pace;
}

const auto kPaces = ::testing::Values(Pace::AtOnce, Pace::OneByOne);

INSTANTIATE_TEST_SUITE_P(RawBytes, Request, ::testing::Combine(::testing::ValuesIn(rowsOf(Row::Side::Request)), kPaces),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(RawBytes, Answer, ::testing::Combine(::testing::ValuesIn(rowsOf(Row::Side::Answer)), kPaces),
                         nameOf);

TEST(RawBytesTable, HasAtLeast150Rows) {
  EXPECT_GE(rowsOf(Row::Side::Request).size() + rowsOf(Row::Side::Answer).size(), 150U);
}

}  // namespace
}  // namespace outrigger::sim::raw_bytes
