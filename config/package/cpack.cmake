# Debian packages, by CPack: mindee-batch (the core), mindee-batch-tools (the sandbox, drawing samples and reading pages),
# libmindee0 and libmindee-dev. `./dev package` configures with MB_PACKAGE, makes them and checks them.
set(texts ${CMAKE_SOURCE_DIR}/config/package)
set(made ${CMAKE_BINARY_DIR}/package)
set(revision 1)
set(debian_version ${PROJECT_VERSION}-${revision})
set(debs mindee-batch mindee-batch-tools libmindee0 libmindee-dev)

# What each has: changelog and copyright. The core's configuration says nothing until somebody takes a # away.
file(MAKE_DIRECTORY ${made})
execute_process(COMMAND gzip -9nc ${texts}/changelog OUTPUT_FILE ${made}/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)
foreach(deb ${debs})
  install(FILES ${texts}/copyright ${made}/changelog.Debian.gz DESTINATION share/doc/${deb} COMPONENT ${deb})
endforeach()
file(READ config/mindee-batch.ini text)
string(REGEX REPLACE "\n([a-z])" "\n#\\1" text "${text}")
file(CONFIGURE OUTPUT ${made}/mindee-batch.ini CONTENT "${text}" @ONLY)
install(FILES ${made}/mindee-batch.ini DESTINATION /etc/mindee-batch COMPONENT mindee-batch)
install(FILES ${texts}/README.Debian DESTINATION share/doc/mindee-batch COMPONENT mindee-batch)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mindee-batch)
set(CPACK_PACKAGE_VENDOR "The mindee-batch authors")
set(CPACK_PACKAGE_CONTACT "The mindee-batch authors <mindee-batch@users.noreply.github.com>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${texts}/before_packing.cmake)
set(CPACK_COMPONENTS_ALL ${debs})
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${revision})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# deb NAME SECTION SYNOPSIS LINES...: the synopsis, and the description's lines.
function(describe deb section synopsis)
  string(TOUPPER ${deb} name)
  list(JOIN ARGN "\n" text)
  set(CPACK_DEBIAN_${name}_PACKAGE_NAME ${deb} PARENT_SCOPE)
  set(CPACK_DEBIAN_${name}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_DEBIAN_${name}_DESCRIPTION "${synopsis}\n${text}" PARENT_SCOPE)
endfunction()
describe(mindee-batch utils "send directories of invoices to Mindee and bring back tables"
  "Sends each invoice of a directory to Mindee's API V2 once, within its"
  "limits and a budget, and keeps a ledger of what was sent, paid and"
  "stored. Results become a workbook, a report and a page on which a person"
  "settles what is doubtful. It runs by hand, by schedule or as a service,"
  "which is not started by itself."
  ""
  "Removing the package keeps /etc/mindee-batch, and the ledgers and"
  "results of its service in /var/lib/mindee-batch; purging it removes"
  "them.")
describe(mindee-batch-tools utils "local Mindee and page reader for mindee-batch"
  "Counts and draws the pages of documents for mindee-batch, and is a local"
  "Mindee to try it with: mindee-batch demo, and a sandbox with which"
  "Mindee's own SDKs work, too. Nothing is sent anywhere, nothing costs"
  "anything.")
describe(libmindee0 libs "asynchronous C client of the Mindee API V2"
  "Sends documents to Mindee and brings what was read in them, on the libuv"
  "loop of the program that uses it. It never sends a document twice by"
  "itself, and says of each what is known of it.")
describe(libmindee-dev libdevel "asynchronous C client of the Mindee API V2 (development files)"
  "Sends documents to Mindee and brings what was read in them, on the libuv"
  "loop of the program that uses it."
  ""
  "Header, static library, manual page and an example.")

set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBMINDEE-DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_MINDEE-BATCH_PACKAGE_DEPENDS "ca-certificates, tzdata")
set(CPACK_DEBIAN_MINDEE-BATCH_PACKAGE_RECOMMENDS "mindee-batch-tools (= ${debian_version})")
set(CPACK_DEBIAN_MINDEE-BATCH-TOOLS_PACKAGE_DEPENDS "mindee-batch (= ${debian_version}), fonts-dejavu-core")
set(CPACK_DEBIAN_LIBMINDEE-DEV_PACKAGE_DEPENDS
    "libmindee0 (= ${debian_version}), libuv1-dev, libcurl4-openssl-dev | libcurl-dev, libcjson-dev, libssl-dev, zlib1g-dev")
set(CPACK_DEBIAN_LIBMINDEE0_PACKAGE_CONTROL_EXTRA ${texts}/symbols ${texts}/shlibs ${texts}/triggers)
set(CPACK_DEBIAN_MINDEE-BATCH_PACKAGE_CONTROL_EXTRA ${texts}/conffiles ${texts}/postinst ${texts}/prerm ${texts}/postrm)

include(CPack)
