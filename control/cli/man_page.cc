#include "control/cli/man_page.h"

#include <algorithm>

namespace outrigger::control::cli {
namespace {

// A text as roff takes it: no line is a request, nothing an escape.
std::string roff(const std::string& text) {
  std::string out;
  bool lineBegins = true;
  for (const char c : text) {
    if (lineBegins && (c == '.' || c == '\'')) out += "\\&";
    lineBegins = c == '\n';
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '`': out += "\\(ga"; break;
      default: out += c;
    }
  }
  return out;
}

std::string inCapitals(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

// Lines stay lines.
std::string paragraph(const std::string& text) {
  return ".PP\n.nf\n" + roff(text) + "\n.fi\n";
}

std::string optionText(const CommandOption& option) {
  std::string head = option.shortName.empty() ? "" : "\\fB" + roff(option.shortName) + "\\fR, ";
  head += "\\fB" + roff(option.name) + "\\fR";
  if (!option.value.empty()) head += " \\fI" + roff(option.value) + "\\fR";
  std::string doc = option.doc;
  for (size_t i = 0; i < option.choices.size(); ++i) doc += (i == 0 ? ": " : ", ") + option.choices[i];
  return ".TP\n" + head + "\n" + roff(doc) + ".\n";
}

std::string argumentText(const CommandArgument& argument) {
  return ".TP\n\\fI" + roff(argument.name) + "\\fR\n" + roff(argument.doc) + ".\n";
}

std::string synopsis(const Command& command) {
  std::string text = "\\fBoutrigger " + roff(command.path) + "\\fR";
  if (!command.options.empty()) text += " [\\fIoptions\\fR]";
  for (const CommandArgument& argument : command.arguments) {
    const std::string name = "\\fI" + roff(argument.name) + "\\fR" + (argument.repeats ? " ..." : "");
    text += argument.required ? " " + name : " [" + name + "]";
  }
  return text + "\n";
}

std::string commandText(const Command& command) {
  std::string text =
      ".SS outrigger " + roff(command.path) + "\n" + synopsis(command) + ".PP\n" + roff(command.doc) + ".\n";
  for (const CommandArgument& argument : command.arguments) text += argumentText(argument);
  for (const CommandOption& option : command.options) {
    if (option.name != "--help") text += optionText(option);
  }
  if (!command.footer.empty()) text += paragraph(command.footer);
  return text;
}

constexpr const char* kEnd = R"(.SH EXIT STATUS
.TP
0
All is well, or it was done.
.TP
1
A finding, or an action that failed.
.TP
2
Wrong usage, or a config that cannot be used.
.SH ENVIRONMENT
.TP
\fBOUTRIGGER_ADMIN\fR
The admin listener that the verbs ask: an address, as 127.0.0.1:15100, or unix:/path.
.PP
A config file names others as ${NAME}.
.SH FILES
.TP
\fI/etc/outrigger/outrigger.yaml\fR
The config, where \fB\-\-config\fR names no other.
.SH SIGNALS
.TP
\fBSIGHUP\fR
Looks at the config file now.
.TP
\fBSIGUSR1\fR
Drains: goes on serving, and lets others leave.
.TP
\fBSIGTERM\fR, \fBSIGINT\fR
Drains and ends; a second one ends at once.
)";

}  // namespace

std::string manPage(const Command& root, const std::string& version) {
  std::string text = ".TH " + inCapitals("outrigger") + " 1 \"\" \"outrigger " + roff(version) + "\" \"Outrigger\"\n";
  text += ".SH NAME\noutrigger \\- a sidecar proxy that keeps services up when their parts fail\n";
  text += ".SH SYNOPSIS\n\\fBoutrigger\\fR \\fIverb\\fR [\\fIoptions\\fR]\n";
  text += ".SH DESCRIPTION\n" + roff(root.doc) +
          ".\nEvery verb has \\fB\\-\\-help\\fR; those that print data have \\fB\\-\\-json\\fR.\n";
  text += ".SH VERBS\n";
  for (const Command* command : allCommands(root)) {
    if (!command->path.empty() && command->commands.empty()) text += commandText(*command);
  }
  return text + kEnd;
}

}  // namespace outrigger::control::cli
