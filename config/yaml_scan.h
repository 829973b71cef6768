// The lines of a YAML text as marks, values and comments, each where it stands: what the formatter moves about. Only of
// text that readYaml() took without a finding; what is left out of such text here, format() refuses. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/bytes.h"

namespace outrigger::config {

struct YamlToken {
  enum class Kind : uint8_t {
    Dash,    ///< `-` of a list
    Plain,   ///< a key or a value
    Quoted,  ///< likewise, with its quotes; may go over several lines
    Open,    ///< `{` or `[`
    Close,   ///< `}` or `]`
    Comma,
    Colon,
    Block,   ///< `|` or `>` with what follows; its lines are YamlLine::block
    Marker,  ///< `---` or `...`
  };
  Kind kind{};
  Bytes text;
  size_t column = 0;  ///< in octets, from 0
};

struct YamlLine {
  uint32_t number = 0;  ///< from 1
  std::vector<YamlToken> tokens{};
  Bytes comment{};             ///< with its `#`; empty: none
  size_t commentColumn = 0;    ///< in characters, from 0
  std::vector<Bytes> block{};  ///< the lines of a block text, as they stand
  size_t blockIndent = 0;      ///< of those lines

  bool blank() const { return tokens.empty() && comment.empty(); }
};

struct ScannedYaml {
  std::vector<YamlLine> lines;
  std::string refusal;  ///< "LINE: what cannot be formatted"; empty: nothing
};

/// `text` ends each line with LF, and outlives the result.
ScannedYaml scanYaml(Bytes text);

/// Characters of UTF-8 text.
size_t charactersIn(Bytes text);

}  // namespace outrigger::config
