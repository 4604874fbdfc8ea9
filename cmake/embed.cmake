# winback_embed(<target> <folder> <declared in header> <namespace::function> <file>...)
# Makes a .cc in the build folder whose function gives the files (paths relative to <folder>) as
# api::EmbeddedFile. Run again by cmake -P whenever one of them changes.
if(CMAKE_SCRIPT_MODE_FILE)
  string(REGEX MATCH "^(.*)::([^:]*)$" matched "${FUNCTION}")
  set(text "#include <string_view>\n\n#include \"${HEADER}\"\n\nnamespace ${CMAKE_MATCH_1} {\n\n")
  # Such a literal knows its length. Counted one by one, the letters of all files together are more
  # than a compiler evaluates in one constant (-fconstexpr-ops-limit).
  string(APPEND text "using std::string_view_literals::operator\"\"sv;\n\n")
  set(function "${CMAKE_MATCH_2}")
  string(APPEND text "std::span<const winback::api::EmbeddedFile> ${function}() {\n")
  string(APPEND text "    static constexpr winback::api::EmbeddedFile files[] = {\n")
  file(WRITE "${OUT}.part" "${text}")
  string(REPLACE "|" ";" FILES "${FILES}")
  foreach(name IN LISTS FILES)
    file(READ "${FOLDER}/${name}" content)
    string(FIND "${content}" ")embedded\"" clash)
    if(NOT clash EQUAL -1)
      message(FATAL_ERROR "${name} holds the end mark of its own literal")
    endif()
    file(APPEND "${OUT}.part" "        {\"${name}\", R\"embedded(")
    file(APPEND "${OUT}.part" "${content}")
    file(APPEND "${OUT}.part" ")embedded\"sv},\n")
  endforeach()
  file(APPEND "${OUT}.part" "    };\n    return files;\n}\n\n}  // namespace ${CMAKE_MATCH_1}\n")
  file(RENAME "${OUT}.part" "${OUT}")
  return()
endif()

set(WINBACK_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(winback_embed target folder header function)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_files.cc)
  list(TRANSFORM ARGN PREPEND "${folder}/" OUTPUT_VARIABLE paths)
  string(REPLACE ";" "|" names "${ARGN}")
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DFOLDER=${folder} -DHEADER=${header}
            -DFUNCTION=${function} "-DFILES=${names}" -P ${WINBACK_EMBED_SCRIPT}
    DEPENDS ${paths} ${WINBACK_EMBED_SCRIPT} VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
