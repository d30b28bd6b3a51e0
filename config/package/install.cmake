# What distributions and `cmake --install` put in place besides the programs, the library and the manual: units, examples,
# the licence.
configure_file(config/package/units.cmake.in ${CMAKE_BINARY_DIR}/package/units.cmake @ONLY)
install(SCRIPT ${CMAKE_BINARY_DIR}/package/units.cmake COMPONENT mindee-batch)

set(doc ${CMAKE_INSTALL_DATADIR}/doc)
file(GLOB shown CONFIGURE_DEPENDS config/*.ini config/*.json config/*.yml)
list(FILTER shown EXCLUDE REGEX full) # the manual page has it, too: not in the core's package, which is to be small
install(FILES ${shown} DESTINATION ${doc}/mindee-batch/examples COMPONENT mindee-batch)
install(FILES config/mindee-batch-full.ini DESTINATION ${doc}/mindee-batch/examples COMPONENT mindee-batch-tools)
install(FILES LICENSE DESTINATION ${doc}/mindee-batch COMPONENT licence) # the packages have it in copyright
