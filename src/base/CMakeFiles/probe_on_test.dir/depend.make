# Empty dependencies file for probe_on_test.
# This may be replaced when dependencies are built.
