# cmake -DOUT=assets.c -DDIR=assets -P embed.cmake: the page's files as arrays (assets.h).
set(text "#include \"review_page/assets.h\"\n")
foreach(ending html css js)
  file(READ ${DIR}/review.${ending} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND text "static const unsigned char ${ending}[] = {\n${bytes}};\n"
                     "const struct page_asset page_asset_${ending} = {${ending}, sizeof ${ending}};\n")
endforeach()
file(WRITE ${OUT} "${text}")
