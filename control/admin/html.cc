#include "control/admin/html.h"

namespace outrigger::control::admin {

std::string htmlEscaped(Bytes text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') {
          out += "\xef\xbf\xbd";
        } else {
          out += c;
        }
    }
  }
  return out;
}

HtmlTable::HtmlTable(std::string& out, Bytes caption, const std::vector<Bytes>& columns) : out_(out) {
  // The box scrolls where the table is too wide, also by the keyboard.
  const std::string name = htmlEscaped(caption);
  out_ += "<div class=\"scroll\" role=\"region\" aria-label=\"" + name + "\" tabindex=\"0\"><table><caption>" + name +
          "</caption><thead><tr>";
  for (const Bytes column : columns) out_ += "<th scope=\"col\">" + htmlEscaped(column) + "</th>";
  out_ += "</tr></thead><tbody>\n";
}

HtmlTable::~HtmlTable() {
  out_ += "</tbody></table></div>\n";
}

void HtmlTable::row(const std::vector<std::string>& cells) {
  out_ += "<tr>";
  for (size_t i = 0; i < cells.size(); ++i) {
    const char* tag = i == 0 ? "th" : "td";
    out_ += std::string("<") + tag + (i == 0 ? " scope=\"row\">" : ">") + htmlEscaped(cells[i]) + "</" + tag + ">";
  }
  out_ += "</tr>\n";
}

}  // namespace outrigger::control::admin
