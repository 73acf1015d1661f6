# Empty compiler generated dependencies file for base.
# This may be replaced when dependencies are built.
