file(REMOVE_RECURSE
  "libbase.a"
)
