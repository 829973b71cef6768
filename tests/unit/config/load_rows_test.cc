// Every row of the table: what the loader says of a file, with places, codes and proposals.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/yaml.h"
#include "tests/unit/config/rows.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

void checkRows(std::span<const Row> rows) {
  for (const Row& row : rows) {
    const LoadResult result = loadText(row.yaml);
    EXPECT_EQ(brief(result.diagnostics), row.expected) << row.name << "\n" << row.yaml;
    const bool errors =
        std::ranges::any_of(result.diagnostics, [](const Diagnostic& d) { return d.severity() == Severity::Error; });
    EXPECT_EQ(result.model == nullptr, errors) << row.name;
  }
}

TEST(LoadRows, Syntax) {
  checkRows(syntaxRows());
}
TEST(LoadRows, Keys) {
  checkRows(keysRows());
}
TEST(LoadRows, Values) {
  checkRows(valuesRows());
}
TEST(LoadRows, Routes) {
  checkRows(routesRows());
}
TEST(LoadRows, References) {
  checkRows(referencesRows());
}
TEST(LoadRows, Risks) {
  checkRows(risksRows());
}
TEST(LoadRows, Resilience) {
  checkRows(resilienceRows());
}
TEST(LoadRows, Upstreams) {
  checkRows(upstreamsRows());
}
TEST(LoadRows, Protocols) {
  checkRows(protocolsRows());
}
TEST(LoadRows, Security) {
  checkRows(securityRows());
}
TEST(LoadRows, Origins) {
  checkRows(originRows());
}
TEST(LoadRows, Tracing) {
  checkRows(tracingRows());
}
TEST(LoadRows, NotInThisVersion) {
  checkRows(laterRows());
}

TEST(LoadRows, WhatIsNotInThisVersionIsNeverAcceptedSilently) {
  for (const Row& row : laterRows()) {
    const LoadResult result = loadText(row.yaml);
    const bool said =
        std::ranges::any_of(result.diagnostics, [](const Diagnostic& d) { return d.code == Code::NotInThisVersion; });
    EXPECT_EQ(result.model == nullptr, said) << row.name;
  }
}

constexpr Bytes kTooLarge = "1:1 OR104 the file has more than 10 MiB";
constexpr Bytes kLongLine = "2:1 OR104 this line has more than 1 MiB";

TEST(LoadRows, FilesThatAreTooLargeAreNotRead) {
  EXPECT_EQ(brief(loadText(std::string(kMostOctets + 1, '\n')).diagnostics), kTooLarge);
  EXPECT_EQ(brief(loadText("version: 1\n#" + std::string(1 << 20, 'x')).diagnostics), kLongLine);
}

TEST(LoadRows, EveryCodeIsUsedByATestCase) {
  std::string all(kTooLarge);
  for (const auto& rows :
       {syntaxRows(), keysRows(), valuesRows(), routesRows(), referencesRows(), risksRows(), resilienceRows(),
        upstreamsRows(), protocolsRows(), securityRows(), originRows(), tracingRows(), laterRows()}) {
    for (const Row& row : rows) all.append("\n").append(row.expected);
  }
  for (const CodeRow& row : allCodes()) {
    EXPECT_NE(all.find(" " + codeText(row.code) + " "), std::string::npos) << codeText(row.code);
  }
}

TEST(LoadRows, NamesAreUnique) {
  std::set<std::string> names;
  for (const auto& rows :
       {syntaxRows(), keysRows(), valuesRows(), routesRows(), referencesRows(), risksRows(), resilienceRows(),
        upstreamsRows(), protocolsRows(), securityRows(), originRows(), tracingRows(), laterRows()}) {
    for (const Row& row : rows) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  EXPECT_GE(names.size(), 380U);
}

}  // namespace
}  // namespace outrigger::config
