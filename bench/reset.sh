#!/bin/sh
# Makes lab hosts bare again: everything `up`, the shell script and the playbook put there is removed, and it is checked.
#
# usage: reset.sh SSH_CONFIG NAME...
set -eu
ssh_config=$1
shift

pids=''
for name in "$@"; do
  ssh -F "$ssh_config" "$name" '
    systemctl disable --now --quiet etcd.service 2>/dev/null
    rm -rf /opt/etcd /etc/etcd /var/lib/etcd /var/lib/provision /run/provision /etc/systemd/system/etcd.service /root/.ansible
    systemctl daemon-reload
    systemctl reset-failed --quiet 2>/dev/null
    userdel etcd 2>/dev/null
    left=$(ls -d /opt/etcd* /etc/etcd* /var/lib/etcd* /etc/systemd/system/etcd* 2>/dev/null)
    [ -z "$left" ] && ! getent passwd etcd && ! pidof etcd || { echo "not bare: $left" >&2; exit 1; }
    sync' &
  pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
