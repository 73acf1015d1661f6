#!/usr/bin/env bash
# botocore, the client that Amazon's own tools stand on, as it is published, for tests of a stand-in of a service.
#
#   botocore.sh install
#   botocore.sh run SCRIPT [WORD...]     runs a Python script with it
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"

version=1.44.8
place=$kept/botocore-$version

install() {
  [[ -e $place/done ]] && return
  need_packages python3-venv
  mkdir -p "$kept"
  exec 9>"$kept/botocore.lock"
  flock 9
  [[ -e $place/done ]] && return
  rm -rf "$place"
  local log
  log=$(mktemp)
  if ! { python3 -m venv "$place" && "$place/bin/pip" install --no-input --disable-pip-version-check "botocore==$version"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    die "botocore $version cannot be installed"
  fi
  rm -f "$log"
  touch "$place/done"
}

case ${1-} in
  install) install ;;
  run)
    (($# >= 2)) || usage
    install
    exec "$place/bin/python" "${@:2}"
    ;;
  *) usage ;;
esac
