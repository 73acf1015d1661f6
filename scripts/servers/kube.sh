#!/usr/bin/env bash
# A control plane of Kubernetes on loopback, without nodes: etcd, kube-apiserver, and the controllers of Deployments. There is no
# kubelet: Pods stay Pending until somebody plays one.
#
#   kube.sh install
#   kube.sh run FOLDER PORT    https on PORT; PORT+1 and +2: etcd, +3: controllers
#
# install builds it from the Go module proxy, once a machine: some 5 minutes of both cores and 4 GB that are given back.
# FOLDER/ca.crt, token (of an administrator), kubeconfig (the same), worker-manager.token: the service account of
# deploy/worker-manager.yaml, which may do what that file grants it.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"

version=1.36.3
bin=$kept/kubernetes-$version
deploy=$(readlink -f "$here/../../deploy")

missing_parts() {
  local part
  for part in etcd kubectl kube-controller-manager kube-apiserver; do [[ -x $bin/$part ]] || echo "$part"; done
}

new_enough() { # GO NEED
  local have
  have=$("$1" version 2>/dev/null | grep -oP 'go\K1\.[0-9]+(\.[0-9]+)?') || return 1
  [[ $(printf '%s\n' "$2" "$have" | sort -V | head -n 1) == "$2" ]]
}

# A module of our own asks for k8s.io/kubernetes; its staging modules carry v0.0.0 there and are named one by one. With a Go that
# is too old the right tool chain comes as a module, too. Sets `go`.
prepare_module() {
  local mod need chain module
  go=$(command -v go || true)
  if [[ -z $go ]]; then
    need_packages golang-1.19-go
    go=/usr/lib/go-1.19/bin/go
  fi
  echo "module local/kube" >go.mod
  mod=$("$go" mod download -json "k8s.io/kubernetes@v$version" | jq -r '.GoMod // empty') || true
  [[ -s $mod ]] || die "the Go proxy does not serve k8s.io/kubernetes v$version"
  need=$(sed -n 's/^go //p' "$mod")
  if ! new_enough "$go" "$need"; then
    chain=golang.org/toolchain@v0.0.1-go$need.linux-$(dpkg --print-architecture)
    chain=$("$go" mod download -json "$chain" | jq -r '.Dir // empty') || true
    [[ -n $chain ]] || die "Kubernetes $version needs Go $need, which the Go proxy does not serve; here is $("$go" version)"
    chmod -R +x "$chain/bin" "$chain/pkg/tool"
    go=$chain/bin/go
  fi
  { echo "module local/kube" && grep -E '^(go|godebug) ' "$mod"; } >go.mod
  "$go" mod edit -require="k8s.io/kubernetes@v$version"
  for module in $("$go" mod edit -json "$mod" | jq -r '.Require[] | select(.Version == "v0.0.0").Path'); do
    "$go" mod edit -replace="$module=$module@v0.${version#*.}"
  done
}

build_part() { # without the version in the flags /version would say v0.0.0-master
  local part=$1 what=k8s.io/kubernetes/cmd/$1 names=k8s.io/component-base/version minor=${version#*.} begun=$SECONDS
  local flags="-s -w -X $names.gitVersion=v$version -X $names.gitMajor=1 -X $names.gitMinor=${minor%%.*}"
  [[ $part != etcd ]] || what=go.etcd.io/etcd/server/v3
  say "building $part $version"
  nice -n 19 "$go" build -trimpath -tags grpcnotrace,selinux -o "$bin/$part.new" \
    -ldflags "$flags -X $names.gitTreeState=clean" "$what" 2>"$work/$part.log" ||
    die "$part does not build: $(tail -n 4 "$work/$part.log")"
  mv "$bin/$part.new" "$bin/$part"
  say "built $part in $((SECONDS - begun)) s"
}

install() {
  local part
  need_packages jq ca-certificates curl openssl
  [[ -n $(missing_parts) ]] || return 0
  work=$kept/kubernetes-work
  mkdir -p "$bin" "$work/module"
  exec 9>"$kept/kubernetes.lock"
  flock 9 # somebody else may be building it
  [[ -n $(missing_parts) ]] || return 0
  say "Kubernetes $version is built once for this machine, into $bin"
  cd "$work/module"
  export GO111MODULE=on GOWORK=off GOTOOLCHAIN=local GOFLAGS='-mod=mod -modcacherw' CGO_ENABLED=0
  export GOMODCACHE=$work/modules GOCACHE=$work/cache
  prepare_module
  for part in $(missing_parts); do build_part "$part"; done
  rm -rf "$work"
}

ask() { # TOKEN PATH
  curl -sf --max-time 5 --cacert "$folder/ca.crt" -H "Authorization: Bearer $(<"$folder/$1")" "https://127.0.0.1:$port/$2"
}
is_ready() { cp "$folder/certs/apiserver.crt" "$folder/ca.crt" && [[ $(ask token readyz) == ok ]]; }
kubectl() { "$bin/kubectl" --kubeconfig "$folder/kubeconfig" "$@"; }
may_work() { ask worker-manager.token apis/apps/v1/namespaces/backstitch/deployments; }

write_files() {
  local account=system:serviceaccount:backstitch:worker-manager file
  [[ -s $folder/account.key ]] || openssl genrsa -out "$folder/account.key" 2048 2>>"$folder/log/openssl"
  for file in token worker-manager.token; do [[ -s $folder/$file ]] || openssl rand -hex 16 >"$folder/$file"; done
  printf '%s,%s,%s,%s\n' "$(<"$folder/token")" admin 1 system:masters "$(<"$folder/worker-manager.token")" "$account" 2 \
    '"system:serviceaccounts,system:serviceaccounts:backstitch"' >"$folder/tokens.csv"
  cat >"$folder/kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: "https://127.0.0.1:$port", certificate-authority: ca.crt}}]
users: [{name: admin, user: {tokenFile: token}}]
contexts: [{name: here, context: {cluster: here, user: admin}}]
current-context: here
YAML
}

start_servers() {
  local etcd=http://127.0.0.1:$((port + 1)) peers=http://127.0.0.1:$((port + 2))
  child etcd "$bin/etcd" --data-dir "$folder/data" --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
    --listen-peer-urls "$peers" --initial-advertise-peer-urls "$peers" --initial-cluster "default=$peers"
  child apiserver "$bin/kube-apiserver" --etcd-servers="$etcd" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
    --secure-port="$port" --cert-dir="$folder/certs" --token-auth-file="$folder/tokens.csv" --authorization-mode=RBAC \
    --service-cluster-ip-range=10.96.0.0/16 --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$folder/account.key" --service-account-signing-key-file="$folder/account.key" \
    --disable-admission-plugins=ServiceAccount --endpoint-reconciler-type=none --profiling=false
  wait_ready apiserver 90 is_ready
  child controllers "$bin/kube-controller-manager" --kubeconfig="$folder/kubeconfig" --leader-elect=false \
    --bind-address=127.0.0.1 --secure-port=$((port + 3)) --cert-dir="$folder/certs" \
    --controllers=deployment,replicaset,garbagecollector,namespace,serviceaccount
  wait_ready controllers 60 curl -sfk --max-time 5 "https://127.0.0.1:$((port + 3))/healthz"
}

run() {
  folder=$(realpath -m "$1") port=$2
  need_free_ports "$port" $((port + 1)) $((port + 2)) $((port + 3))
  mkdir -p "$folder"/{data,certs,log}
  write_files
  start_servers
  kubectl apply -f "$deploy/namespace.yaml" -f "$deploy/worker-manager.yaml" >>"$folder/log/kubectl" 2>&1 ||
    die "$deploy is not accepted: $(last_words kubectl)"
  wait_ready apiserver 20 may_work # what a role grants works a moment later
  serve "https://127.0.0.1:$port" controllers apiserver etcd
}

case ${1-} in
  install) install ;;
  run) (($# == 3)) || usage && run "${@:2}" ;;
  *) usage ;;
esac
