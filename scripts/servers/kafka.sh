#!/usr/bin/env bash
# An Apache Kafka (KRaft: broker and controller in one process) on loopback. Nothing is synced to the disk: what was acknowledged
# outlives kill -9, and no power cut. Topics are made by nobody but those who ask for them.
#
#   kafka.sh install
#   kafka.sh run FOLDER PORT [address=A] [node=N/M] [sasl] [KEY=VALUE...]
#
# node=2/3: one of three that make a cluster; PORT is then that of all of them, and node N listens on PORT + 3 (N - 1). A node takes
# three ports. One node of three serves no earlier than a second one. sasl: SASL_SSL with PLAIN, user "client", password
# "client-secret"; a client must trust FOLDER/tls/ca.crt. KEY=VALUE: a setting of the broker.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
readonly version=4.1.2
readonly jars=$kept/kafka-$version

# 53 jars from Maven Central; what came must be what was seen when this was written.
fetch_jars() {
  local new=$jars.new.$$
  mkdir -p "$kept"
  rm -rf "$new"
  mvn -B -q -Dstyle.color=never -f "$here/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$new" >"$kept/kafka.mvn.log" 2>&1 || die "Maven could not gather Kafka $version: $(grep -m 1 ERROR "$kept/kafka.mvn.log")"
  (cd "$new" && sha256sum --quiet --strict -c "$here/kafka/jars.sha256" && [[ $(ls | wc -l) == $(wc -l <"$here/kafka/jars.sha256") ]]) >&2 ||
    die "the jars in $new are not those of kafka/jars.sha256"
  rm -rf "$jars" "$kept/kafka.mvn.log"
  mv "$new" "$jars"
}

# A broker that runs once writes down which classes it has loaded: later ones start in half the time.
note_classes() {
  folder=$jars/.first
  local port=20000
  while ! free_port $port || ! free_port $((port + 1)); do port=$((port + 10)); done
  start_broker $port "" 1 1 -XX:ArchiveClassesAtExit="$jars/classes.jsa"
  stop kafka 60
  rm -rf "$folder"
}

install() {
  need_packages openjdk-17-jre-headless maven kcat openssl
  mkdir -p "$kept"
  (
    flock 9
    [[ -d $jars ]] || fetch_jars
    [[ -s $jars/classes.jsa ]] || note_classes
  ) 9>"$kept/kafka.lock"
}

java_run() { # for `child` and for tools
  local options=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true -Xlog:disable -Xlog:all=error:stderr
    -Dlog4j2.configurationFile="$here/kafka/log4j2.properties")
  [[ ! -s $jars/classes.jsa ]] || options+=(-XX:SharedArchiveFile="$jars/classes.jsa")
  command=(java -Xmx384m -XX:+ExitOnOutOfMemoryError "${options[@]}" "$@")
}

settings() { # PORT SASL NODE NODES
  local port=$1 sasl=$2 node=$3 nodes=$4 voters='' n replicas=$(($4 < 3 ? $4 : 3))
  for ((n = 1; n <= nodes; n++)); do voters+=${voters:+,}$n@$address:$((port + 3 * (n - 1) + 1)); done
  port=$((port + 3 * (node - 1)))
  cat <<TEXT
process.roles=broker,controller
node.id=$node
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
log.dirs=$folder/data
auto.create.topics.enable=false
default.replication.factor=$replicas
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=$replicas
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
log.initial.task.delay.ms=500
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=2
TEXT
  if [[ -z $sasl ]]; then
    cat <<TEXT
listeners=PLAINTEXT://$address:$port,CONTROLLER://$address:$((port + 1))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
TEXT
  else
    cat <<TEXT
listeners=CLIENTS://$address:$port,CONTROLLER://$address:$((port + 1)),INSIDE://$address:$((port + 2))
listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT
inter.broker.listener.name=INSIDE
ssl.keystore.type=PEM
ssl.keystore.location=$folder/tls/server.pem
sasl.enabled.mechanisms=PLAIN
listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_client="client-secret";
TEXT
  fi
  ((${#more[@]} == 0)) || printf '%s\n' "${more[@]}"
}

more=()
start_broker() { # PORT SASL NODE NODES [JAVA OPTION]...
  local command own=$(($1 + 3 * ($3 - 1)))
  need_free_ports "$own" $((own + 1))
  mkdir -p "$folder/log"
  [[ -z $2 ]] || make_certificates
  settings "$1" "$2" "$3" "$4" >"$folder/server.properties"
  if [[ ! -s $folder/data/meta.properties ]]; then
    java_run -cp "$jars/*" kafka.tools.StorageTool format -t backstitchTestCluster0 -c "$folder/server.properties"
    "${command[@]}" >"$folder/log/format" 2>&1 || die "could not format $folder: $(last_words format)"
  fi
  : >"$folder/log/kafka"
  java_run "${@:5}" -cp "$jars/*" kafka.Kafka "$folder/server.properties"
  child kafka "${command[@]}"
  wait_ready kafka 100 grep -q 'Kafka Server started' "$folder/log/kafka"
}

run() {
  folder=$(realpath -m "$1")
  local port=$2 word sasl='' node=1 nodes=1
  shift 2
  for word; do
    case $word in
      address=?*) address=${word#*=} ;;
      sasl) sasl=sasl ;;
      node=[1-9]/[1-9]) node=${word:5:1} nodes=${word:7:1} ;;
      *?=*) more+=("$word") ;;
      *) usage ;;
    esac
  done
  start_broker "$port" "$sasl" "$node" "$nodes"
  serve "$address:$((port + 3 * (node - 1)))" kafka
}

case ${1-} in
  install) install ;;
  run) (($# >= 3)) || usage && run "${@:2}" ;;
  *) usage ;;
esac
