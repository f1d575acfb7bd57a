# Run by cpack between installing into its staging folders and packing them: manual pages and changelogs are compressed,
# as Debian has them.
foreach(component runtime torch development tools)
  file(GLOB_RECURSE pages ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share/man/*.1
    ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share/doc/*/changelog*)
  foreach(page IN LISTS pages)
    execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
endforeach()
