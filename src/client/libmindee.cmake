# libmindee for programs of others: what mb_client needs of net and base comes in, and nothing of it shows that isn't
# called mindee_*. The shared one has its version script. The static one is a single object in which every other name
# was made local, so that a program's own buffer_append is no second definition of ours.
set_target_properties(mb_client mb_net mb_base PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF) # objects as they are
add_library(mindee SHARED $<TARGET_OBJECTS:mb_client> ../base/require.c)
target_link_libraries(mindee PRIVATE mb_client)
target_link_libraries(mindee INTERFACE $<INSTALL_INTERFACE:uv>) # the loop is the caller's
target_compile_definitions(mindee PRIVATE MB_LIBRARY)
target_include_directories(mindee INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_options(mindee PRIVATE -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/libmindee.map -Wl,-z,defs)
set_target_properties(mindee PROPERTIES SOVERSION 0 VERSION ${PROJECT_VERSION} LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/libmindee.map
                      PUBLIC_HEADER ${CMAKE_SOURCE_DIR}/include/mindee.h)

add_library(mindee_require OBJECT ../base/require.c)
target_link_libraries(mindee_require PRIVATE mb_options)
target_compile_definitions(mindee_require PRIVATE MB_LIBRARY)
set_target_properties(mindee mindee_require PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
set(static ${CMAKE_BINARY_DIR}/libmindee.a)
add_custom_command(OUTPUT ${static}
  COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o mindee.o $<TARGET_OBJECTS:mb_client> $<TARGET_OBJECTS:mindee_require>
          -Wl,--start-group $<TARGET_FILE:mb_net> $<TARGET_FILE:mb_base> -Wl,--end-group
  COMMAND ${CMAKE_OBJCOPY} --localize-hidden mindee.o
  COMMAND ${CMAKE_COMMAND} -E rm -f ${static}
  COMMAND ${CMAKE_AR} qcD ${static} mindee.o
  COMMAND ${CMAKE_RANLIB} -D ${static}
  DEPENDS mb_client mb_net mb_base mindee_require $<TARGET_OBJECTS:mb_client> $<TARGET_OBJECTS:mindee_require>
  COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(mindee_static ALL DEPENDS ${static})

# mindee.pc finds its prefix from where it lies itself.
set(pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH MB_PC_PREFIX /${pkgconfig} /)
configure_file(mindee.pc.in ${CMAKE_CURRENT_BINARY_DIR}/mindee.pc @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/mindeeConfigVersion.cmake COMPATIBILITY SameMajorVersion)

install(TARGETS mindee EXPORT mindee
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libmindee0 NAMELINK_COMPONENT libmindee-dev
        PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libmindee-dev)
install(FILES ${static} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libmindee-dev)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mindee.pc DESTINATION ${pkgconfig} COMPONENT libmindee-dev)
install(EXPORT mindee FILE mindeeConfig.cmake NAMESPACE mindee:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mindee COMPONENT libmindee-dev)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mindeeConfigVersion.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mindee
        COMPONENT libmindee-dev)
install(FILES ${CMAKE_SOURCE_DIR}/config/examples/send_one.c DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libmindee-dev/examples
        COMPONENT libmindee-dev)
configure_file(mindee.3.in ${CMAKE_CURRENT_BINARY_DIR}/mindee.3 @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mindee.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT libmindee-dev)
