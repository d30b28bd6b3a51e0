# cmake -DOUT=assets.c -DDIR=assets -P embed.cmake: the page's files as arrays (assets.h).
set(text "#include \"monitor/assets.h\"\n")
foreach(file dashboard.html dashboard.css dashboard.js icon.svg)
  string(REGEX REPLACE ".*\\." "" ending ${file})
  file(READ ${DIR}/${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND text "static const unsigned char ${ending}[] = {\n${bytes}};\n"
                     "const struct monitor_asset monitor_asset_${ending} = {${ending}, sizeof ${ending}};\n")
endforeach()
file(WRITE ${OUT} "${text}")
