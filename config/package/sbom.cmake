# cmake -DVERSION=... -DOUT=FILE -P sbom.cmake: what the packages are made of, in SPDX 2.3: the project itself, and each
# library that it is linked with, in the version that is installed here ($SOURCE_DATE_EPOCH: when).
set(core libuv libcurl zlib libcjson inih sqlite3 libmicrohttpd gnutls libcrypto libutf8proc libsystemd xlsxwriter minizip)
set(tools libqpdf libtiff-4 libpng libjpeg libheif cairo fontconfig)
set(names ${core} ${tools})
set(packages "")
set(relations "")
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)

function(tell out) # COMMAND...: its output; what fails has none
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    set(text "")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(add_package id name version url)
  string(APPEND packages ",
    {\"SPDXID\": \"SPDXRef-${id}\", \"name\": \"${name}\", \"versionInfo\": \"${version}\", \"downloadLocation\": \"NOASSERTION\",
     \"filesAnalyzed\": false, \"licenseConcluded\": \"NOASSERTION\", \"licenseDeclared\": \"NOASSERTION\", \"copyrightText\": \"NOASSERTION\",
     \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"${url}\"}]}")
  string(APPEND relations ",
    {\"spdxElementId\": \"SPDXRef-mindee-batch\", \"relationshipType\": \"DYNAMIC_LINK\", \"relatedSpdxElement\": \"SPDXRef-${id}\"}")
  set(packages "${packages}" PARENT_SCOPE)
  set(relations "${relations}" PARENT_SCOPE)
endfunction()

tell(architecture dpkg --print-architecture)
foreach(name ${names} libhpdf)
  if(name STREQUAL libhpdf) # which has no .pc file
    set(package libhpdf-dev)
  else()
    tell(version pkg-config --modversion ${name})
    tell(place pkg-config --variable=pcfiledir ${name})
    tell(owner dpkg -S ${place}/${name}.pc)
    string(REGEX REPLACE ":.*" "" package "${owner}")
  endif()
  tell(debian_version dpkg-query -W -f "\${Version}" ${package})
  if(NOT debian_version AND NOT version)
    continue() # built without it
  endif()
  if(name STREQUAL libhpdf)
    set(version ${debian_version})
  endif()
  string(REPLACE "+" "%2B" escaped "${debian_version}")
  string(REPLACE ":" "%3A" escaped "${escaped}")
  add_package(${name} ${name} "${version}" "pkg:deb/debian/${package}@${escaped}?arch=${architecture}")
endforeach()
file(WRITE ${OUT} "{
  \"spdxVersion\": \"SPDX-2.3\",
  \"dataLicense\": \"CC0-1.0\",
  \"SPDXID\": \"SPDXRef-DOCUMENT\",
  \"name\": \"mindee-batch-${VERSION}\",
  \"documentNamespace\": \"https://spdx.org/spdxdocs/mindee-batch-${VERSION}-$ENV{SOURCE_DATE_EPOCH}\",
  \"creationInfo\": {\"created\": \"${created}\", \"creators\": [\"Organization: The mindee-batch authors\", \"Tool: sbom.cmake\"]},
  \"packages\": [
    {\"SPDXID\": \"SPDXRef-mindee-batch\", \"name\": \"mindee-batch\", \"versionInfo\": \"${VERSION}\", \"downloadLocation\": \"NOASSERTION\",
     \"filesAnalyzed\": false, \"licenseConcluded\": \"MIT\", \"licenseDeclared\": \"MIT\", \"copyrightText\": \"2026 The mindee-batch authors\",
     \"supplier\": \"Organization: The mindee-batch authors\"}${packages}
  ],
  \"relationships\": [
    {\"spdxElementId\": \"SPDXRef-DOCUMENT\", \"relationshipType\": \"DESCRIBES\", \"relatedSpdxElement\": \"SPDXRef-mindee-batch\"}${relations}
  ]
}
")
