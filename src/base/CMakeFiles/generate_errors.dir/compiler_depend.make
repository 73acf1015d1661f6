# Empty compiler generated dependencies file for generate_errors.
# This may be replaced when dependencies are built.
