# Prints "FILE LINE LENGTH" for functions of more than `max` lines. The sources are formatted, so indentation tells: a function
# begins at an indentation of 0, 2 or 4, its header has parentheses and ends with {, and } stands at that indentation again.
FNR == 1 { for (i = 0; i <= 4; i += 2) first[i] = open[i] = 0 }
/^[[:space:]]*$/ || /^[[:space:]]*\/\// || /^#/ { next }
{
  indentation = match($0, /[^ ]/) - 1
  for (i = 0; i <= 4; i += 2) {
    if (indentation == i) {
      if (/^ *}/) {
        if (open[i] && FNR - open[i] + 1 > max) print FILENAME, open[i], FNR - open[i] + 1
        open[i] = first[i] = 0
        continue
      }
      if (open[i]) continue
      header[i] = ""
      first[i] = /^ *(if|for|while|switch|else|do|try|case|default|return|namespace|class|struct|enum|union|public|private|protected)([^A-Za-z0-9_]|$)/ ? 0 : FNR
    }
    if (indentation >= i && first[i] && !open[i]) {
      header[i] = header[i] $0
      if (/{$/ && header[i] ~ /\)/) open[i] = first[i]
      else if (/[;}]$/ && indentation == i) first[i] = 0
    }
  }
}
