# Empty compiler generated dependencies file for probe_on.
# This may be replaced when dependencies are built.
