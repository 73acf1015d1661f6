# Empty custom commands generated dependencies file for error_table.
# This may be replaced when dependencies are built.
