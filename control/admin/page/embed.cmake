# Makes the live page's sources part of the program: cmake -D FROM=FOLDER -D TO=FILE.cc -P embed.cmake
set(text "// Made from control/admin/page by embed.cmake.\n#include \"control/admin/page_assets.h\"\n\nnamespace outrigger::control::admin {\n")
foreach(name IN ITEMS Html Css Js)
  string(TOLOWER ${name} suffix)
  file(READ "${FROM}/live.${suffix}" content)
  string(APPEND text "\nBytes live${name}() {\n  return R\"live_page(${content})live_page\";\n}\n")
endforeach()
string(APPEND text "\n}  // namespace outrigger::control::admin\n")
file(WRITE "${TO}" "${text}")
