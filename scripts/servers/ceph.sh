#!/usr/bin/env bash
# Ceph's S3 gateway (Debian, 16.2) over one monitor and one OSD, on loopback. What it acknowledged outlives kill -9 of all
# three; not a power cut, since nothing is synced to the disk (six syncs for each object are what its tests would wait for).
#
#   ceph.sh install
#   ceph.sh run FOLDER PORT [address=A] [cached] [tls] [bucket=NAME] [versioned=NAME]
#
# Ten ports: PORT is S3's, PORT+1 the monitor's, PORT+2 … PORT+8 the OSD's, PORT+9 S3's over TLS (tls): a client must trust
# FOLDER/tls/ca.crt. Region us-east-1, path-style addresses. Access key
# BACKSTITCH with the secret backstitch-secret; STRANGER with stranger-secret owns no bucket. bucket=, versioned=: make that bucket.
# cached: half the work for each request, but a gateway that comes after a killed one waits 20 s and more for its notices.
# FOLDER takes 4 GiB at most, sparse; memory about 220 MB. A FOLDER belongs to its PORT.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"

readonly key=BACKSTITCH secret=backstitch-secret
empty=$(sha256sum </dev/null | cut -d' ' -f1)
readonly empty

settings() {
  cat <<C
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v2:$address:$((port + 1))
public addr = $address
cluster addr = $address
# No cephx; then the monitor's client mode must be named too, or the gateway hangs at its start.
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms bind ipv6 = false
ms bind msgr1 = false
ms bind port min = $((port + 2))
ms bind port max = $((port + 8))
# One copy of everything on one OSD.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail warn = 2
mon data avail crit = 1
# A busy machine is no dead OSD.
osd heartbeat grace = 120
# Each of the gateway's pools is a round of the monitor: it need not wait a second for more to come.
paxos propose interval = 0.05
osd objectstore = bluestore
bluestore block size = 4294967296
bluestore fsck quick fix on mount = false
osd data = $folder/osd
mon data = $folder/mon
run dir = $folder/run
admin socket = $folder/run/\$name.asok
log file = $folder/log/\$name.log
rgw frontends = beast endpoint=$address:$port tcp_nodelay=1$secured
rgw dns name = $address
rgw enable usage log = false
rgw num rados handles = 1
rgw thread pool size = 32
rgw cache enabled = $cached
C
}

answers() { [[ $(curl -s -o /dev/null -m 2 -w '%{http_code}' "http://$address:$port/") == 200 ]]; }
osd_is_up() { timeout 5 ceph osd stat | grep -q '1 up'; }

make_monitor() {
  settings >"$CEPH_CONF"
  local fsid
  fsid=$(sed -n 's/^fsid = //p' "$CEPH_CONF")
  monmaptool --create --clobber --addv a "[v2:$address:$((port + 1))]" --fsid "$fsid" "$folder/monmap" &&
    ceph-mon --mkfs -i a --monmap "$folder/monmap"
}
make_osd() {
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  ceph osd new "$id" && ceph-osd -i 0 --mkfs --osd-uuid "$id"
}
make_users() {
  radosgw-admin user create --uid=backstitch --display-name=backstitch --access-key=$key --secret-key=$secret &&
    radosgw-admin user create --uid=stranger --display-name=stranger --access-key=STRANGER --secret-key=stranger-secret
}
# once WHAT COMMAND: its words go to FOLDER/log/WHAT.
once() {
  "${@:2}" >>"$folder/log/$1" 2>&1 || die "$1 failed: $(last_words "$1")"
}

s3() { # METHOD PATH [curl's options]: a body comes with its own x-amz-content-sha256
  curl -sS --fail -m 60 -o /dev/null --aws-sigv4 aws:amz:us-east-1:s3 --user "$key:$secret" -X "$1" "${@:3}" "http://$address:$port/$2"
}
make_bucket() { s3 PUT "$1" -H "x-amz-content-sha256: $empty" || die "the bucket $1 cannot be made"; }
make_versioned() {
  local body='<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>'
  make_bucket "$1"
  s3 PUT "$1?versioning=" -H "x-amz-content-sha256: $(printf %s "$body" | sha256sum | cut -d' ' -f1)" \
    -H "content-md5: $(printf %s "$body" | openssl md5 -binary | base64)" --data-binary "$body" || die "no versions in $1"
}

run() {
  folder=$(realpath -m "$1") port=$2
  shift 2
  local word ports=() buckets=()
  cached=false secured=''
  for word; do
    case $word in
      cached) cached=true ;;
      tls) secured=1 ;;
      address=?*) address=${word#*=} ;;
      bucket=?* | versioned=?*) buckets+=("$word") ;;
      *) usage ;;
    esac
  done
  ((${#folder} <= 80)) || die "$folder is too long for the path of a socket (80 characters at most)"
  for word in {0..9}; do ports+=($((port + word))); done
  need_free_ports "${ports[@]}"
  mkdir -p "$folder"/{mon,osd,run,log}
  if [[ -n $secured ]]; then
    make_certificates
    secured=" ssl_endpoint=$address:$((port + 9)) ssl_certificate=$folder/tls/server.pem"
  fi
  export CEPH_CONF=$folder/ceph.conf
  rm -f "$folder"/run/*.asok
  if [[ ! -e $folder/made ]]; then
    find "${folder:?}/mon" "${folder:?}/osd" -mindepth 1 -delete # what a first start left half done
    once make-monitor make_monitor
  fi
  grep -q "endpoint=$address:$port " "$CEPH_CONF" || die "$folder was made for another port"
  child mon env LD_PRELOAD=libeatmydata.so ceph-mon -i a -f
  wait_ready mon 100 timeout 5 ceph mon stat
  # After a kill the monitor still believes in the old OSD.
  if [[ -e $folder/made ]]; then ceph osd down 0 >/dev/null 2>&1 || true; else once make-osd make_osd; fi
  child osd env LD_PRELOAD=libeatmydata.so ceph-osd -i 0 -f
  wait_ready osd 100 osd_is_up
  child rgw radosgw -n client.admin -f
  wait_ready rgw 100 answers
  [[ -e $folder/made ]] || once make-users make_users
  for word in "${buckets[@]}"; do "make_${word%%=*}" "${word#*=}"; done
  touch "$folder/made"
  serve "$address:$port" rgw osd mon
}

case ${1-} in
  install) need_packages radosgw ceph-mon ceph-osd ceph-common libeatmydata1 curl openssl ;;
  run) (($# >= 3)) || usage && run "${@:2}" ;;
  *) usage ;;
esac
