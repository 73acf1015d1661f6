#!/usr/bin/env bash
# jsforce, a client of Salesforce that is not ours, against an org that speaks its REST API. No server: it judges one.
#
#   jsforce.sh install
#   jsforce.sh check ORG_URL [ARGUMENTS OF jsforce_check.mjs]    a line for each step; exit 1 when one failed
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
readonly version=3.10.16
folder=$kept/jsforce-$version

installed() { [[ -e $folder/node_modules/jsforce/package.json && -e $folder/whole ]]; }
install() {
  installed && return
  # A newer Node than Debian's may be there without its packages.
  command -v node >/dev/null && command -v npm >/dev/null || need_packages nodejs npm
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --loglevel=error "jsforce@$version" >"$folder/log" 2>&1 ||
    die "npm could not install jsforce $version: $(tail -n 4 "$folder/log" | cut -c1-300)"
  touch "$folder/whole"
}

case ${1-} in
  install) install ;;
  check)
    (($# >= 2)) || usage
    install
    JSFORCE=$folder exec node "$here/../../tests/contract/salesforce/jsforce_check.mjs" "${@:2}"
    ;;
  *) usage ;;
esac
