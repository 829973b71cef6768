// The reference pages, made from the tables that the program works by, so that they cannot say anything else. Each is
// Markdown that stands between two marks in a page of the repository (tests/docs/docs.py puts it there). Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/filter_schema.h"

namespace outrigger::control::reference {

/// One key of the config file.
struct KeyRow {
  std::string key;
  std::string path;     ///< "policies.NAME.retry.limit"; of a map that stands in several places, the first one
  std::string value;    ///< what may stand there
  std::string builtIn;  ///< as builtInText(); "must be there"
  std::string doc;      ///< a sentence
};

std::vector<KeyRow> everyKey();
/// Those that `name` may mean: a path, or its end; names that the file chooses stand for NAME.
std::vector<KeyRow> keysCalled(const std::string& name);

/// Every key of the config file: what may stand there, the built-in value, what it means.
std::string configKeys();

/// Every code of the loader.
std::string configCodes();

/// Every reason: its word, its status, its sentence.
std::string reasons();

/// Every metric: its kind, its labels and what they hold.
std::string metrics();

/// Every filter with its settings.
std::string filterTables(std::span<const config::FilterSchema> filters);

/// The keys of one map as a table, after `intro`, and then those of the maps within, each headed by its path; an empty
/// path has no heading.
std::string keysOf(const config::Shape& shape, const std::string& path, const std::string& intro);

}  // namespace outrigger::control::reference
