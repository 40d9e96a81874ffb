#!/bin/sh
# The yardstick: what somebody who knows etcd, openssl and ssh well would write by hand for a first start over TLS.
# As quick as we could make it: one openssl process a certificate, programs on their way while certificates are made,
# a fast cipher, one stream a host, all hosts side by side. It checks nothing beforehand and cannot be run twice.
#
# usage: parallel-shell.sh WORK_DIRECTORY PROGRAMS_DIRECTORY VERSION SSH_CONFIG NAME=ADDRESS...
set -eu
umask 077

work=$1 programs=$2 version=$3 ssh_config=$4
shift 4
members=$*
token=bench-$(od -An -N8 -tx1 /dev/urandom | tr -d ' ')

on() { # HOST COMMAND: as root, in a connection of its own
  ssh -F "$ssh_config" -o Ciphers=aes128-gcm@openssh.com "$@"
}

wait_for() { # PID...: fails if one of them did
  for pid in "$@"; do wait "$pid"; done
}

name_of() { echo "${1%%=*}"; }
address_of() { echo "${1#*=}"; }

new_key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -batch'

authority() {
  # shellcheck disable=SC2086
  openssl req -x509 $new_key -days 3650 -subj /CN=bench-ca -keyout "$work/ca.key" -out "$work/ca.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

certificate() { # FILE SUBJECT USAGES SANS
  # shellcheck disable=SC2086
  openssl req -x509 -CA "$work/ca.crt" -CAkey "$work/ca.key" $new_key -days 365 -subj "/CN=$2" \
    -keyout "$1.key" -out "$1.crt" -addext basicConstraints=critical,CA:FALSE \
    -addext keyUsage=critical,digitalSignature -addext "extendedKeyUsage=$3" \
    -addext "subjectAltName=$4" 2>/dev/null
}

certificates() { # MEMBER
  name=$(name_of "$1") address=$(address_of "$1") to=$work/$(name_of "$1")/etc/etcd/pki
  mkdir -p "$to"
  cp "$work/ca.crt" "$to/ca.crt"
  sans=DNS:$name,IP:$address,IP:127.0.0.1,IP:::1,DNS:localhost
  certificate "$to/server" "$name" serverAuth,clientAuth "$sans" &
  server=$!
  certificate "$to/peer" "$name" serverAuth,clientAuth "$sans" &
  peer=$!
  certificate "$to/healthcheck-client" healthcheck-client clientAuth DNS:healthcheck-client
  wait_for $server $peer
}

files() { # MEMBER
  name=$(name_of "$1") address=$(address_of "$1") root=$work/$(name_of "$1")
  mkdir -p "$root/etc/etcd" "$root/etc/systemd/system"
  cat > "$root/etc/etcd/etcd.conf" <<EOF
ETCD_NAME="$name"
ETCD_DATA_DIR="/var/lib/etcd"
ETCD_LISTEN_PEER_URLS="https://$address:2380"
ETCD_LISTEN_CLIENT_URLS="https://$address:2379,https://127.0.0.1:2379"
ETCD_INITIAL_ADVERTISE_PEER_URLS="https://$address:2380"
ETCD_ADVERTISE_CLIENT_URLS="https://$address:2379"
ETCD_INITIAL_CLUSTER="$cluster"
ETCD_INITIAL_CLUSTER_STATE="new"
ETCD_INITIAL_CLUSTER_TOKEN="$token"
ETCD_CERT_FILE="/etc/etcd/pki/server.crt"
ETCD_KEY_FILE="/etc/etcd/pki/server.key"
ETCD_TRUSTED_CA_FILE="/etc/etcd/pki/ca.crt"
ETCD_CLIENT_CERT_AUTH="true"
ETCD_PEER_CERT_FILE="/etc/etcd/pki/peer.crt"
ETCD_PEER_KEY_FILE="/etc/etcd/pki/peer.key"
ETCD_PEER_TRUSTED_CA_FILE="/etc/etcd/pki/ca.crt"
ETCD_PEER_CLIENT_CERT_AUTH="true"
EOF
  cat > "$root/etc/systemd/system/etcd.service" <<EOF
[Unit]
Description=etcd
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=etcd
EnvironmentFile=/etc/etcd/etcd.conf
ExecStart=/opt/etcd/current/etcd
TimeoutStartSec=infinity
Restart=on-failure
RestartSec=5
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
EOF
}

send_programs() { # MEMBER
  tar -C "$programs" -c etcd etcdctl etcdutl | on "$(name_of "$1")" "set -e
    mkdir -p /opt/etcd/$version
    tar -C /opt/etcd/$version --no-same-owner -x
    ln -sfn $version /opt/etcd/current"
}

start() { # MEMBER
  name=$(name_of "$1")
  tar -C "$work/$name" -c etc | on "$name" "set -e
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin etcd
    install -d -m 700 -o etcd -g etcd /var/lib/etcd
    tar -C / --no-same-owner --no-overwrite-dir -x
    chmod 755 /etc/etcd; chmod 644 /etc/etcd/etcd.conf /etc/systemd/system/etcd.service
    chown -R root:etcd /etc/etcd/pki; chmod 750 /etc/etcd/pki; chmod 640 /etc/etcd/pki/*
    systemctl enable --quiet etcd.service
    systemctl start etcd.service"
}

cluster='' endpoints=''
for member in $members; do
  cluster=$cluster${cluster:+,}$(name_of "$member")=https://$(address_of "$member"):2380
  endpoints=$endpoints${endpoints:+,}https://$(address_of "$member"):2379
done

sending=''
for member in $members; do
  send_programs "$member" &
  sending="$sending $!"
done

authority
making=''
for member in $members; do
  certificates "$member" &
  making="$making $!"
  files "$member"
done
certificate "$work/admin" admin clientAuth DNS:admin
# shellcheck disable=SC2086
wait_for $making $sending

starting=''
for member in $members; do
  start "$member" &
  starting="$starting $!"
done
# shellcheck disable=SC2086
wait_for $starting

on "$(name_of "${members%% *}")" "
  export ETCDCTL_API=3 ETCDCTL_CACERT=/etc/etcd/pki/ca.crt ETCDCTL_ENDPOINTS=$endpoints \
    ETCDCTL_CERT=/etc/etcd/pki/healthcheck-client.crt ETCDCTL_KEY=/etc/etcd/pki/healthcheck-client.key
  cd /opt/etcd/current && ./etcdctl endpoint health && ./etcdctl put bench/health yes && ./etcdctl get bench/health"
