#!/usr/bin/env sh
# Runs etcdctl with the client's certificate of this host; root alone may read it.
[ -r /etc/etcd/etcdctl.env ] || exit 1
. /etc/etcd/etcdctl.env
/opt/bin/etcdctl "$@"
