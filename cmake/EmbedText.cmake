# One text file becomes part of the binary, which must run without the source tree.
#
#   backstitch_embed_text(api crm/fields.yaml api/field_table.h shipped_field_table)
#     -> std::string_view backstitch::shipped_field_table(), declared in the header
function(backstitch_embed_text target file header function)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${file})
  file(READ ${CMAKE_SOURCE_DIR}/${file} content)
  set(generated ${CMAKE_BINARY_DIR}/generated/${function}.cpp)
  file(WRITE ${generated}.new "// Made by cmake/EmbedText.cmake from ${file}.\n#include \"${header}\"\n\n"
    "namespace backstitch {\n\nstd::string_view ${function}() { return R\"~text~(${content})~text~\"; }\n\n}  // namespace backstitch\n")
  configure_file(${generated}.new ${generated} COPYONLY)  # touches it only when it differs
  target_sources(${target} PRIVATE ${generated})
endfunction()
