#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The demonstration, in the guest: root inside, nobody outside, a tree of namespaces, a denied escape.
set -eu

fail() {
	echo "demo: $*" >&2
	exit 1
}

# Shows itself, then waits until the one outside has looked.
inside() {
	echo "  inside : uid $(id -u), gid $(id -g); uid_map: $(sed 's/  */ /g' /proc/self/uid_map)"
	echo $$ >/tmp/seen/pid
	while [ ! -e /tmp/seen/done ]; do usleep 20000; done
	rm -f /tmp/seen/done
}

escape() {
	echo "  inside : uid $(id -u) with CapEff $(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)"
	if hostname escaped 2>/dev/null; then fail 'the host name of the machine was changed'; fi
	echo "  inside : hostname escaped        -> refused"
	if kill -9 1 2>/dev/null; then fail 'init was killed'; fi
	echo "  inside : kill -9 1               -> refused"
	if cat /tmp/seen/secret 2>/dev/null; then fail "root's file was read"; fi
	echo "  inside : cat root's secret file  -> refused"
	if chown 0 /tmp/seen/free 2>/dev/null; then fail 'a file of the machine changed its owner'; fi
	echo "  inside : chown a foreign file    -> refused"
}

tree() {
	level=$1
	echo "  $(printf "%$((level * 2))s" '')level $level: uid $(id -u), $(readlink /proc/self/ns/user), map $(sed 's/  */ /g' /proc/self/uid_map)"
	[ "$level" -ge 4 ] || exec nsrun -u '0 0 10' -g '0 0 10' "$0" tree $((level + 1))
}

case ${1:-} in
inside | escape | tree)
	"$@"
	exit 0
	;;
esac

mkdir /tmp/seen
chmod 777 /tmp/seen
echo secret >/tmp/seen/secret
chmod 600 /tmp/seen/secret
: >/tmp/seen/free

echo "$(uname -sr): user namespaces"
echo
echo '1. A shell that is root inside and nobody outside'
nsrun -u '0 65534 1' -g '0 65534 1' "$0" inside &
until [ -s /tmp/seen/pid ]; do
	kill -0 $! 2>/dev/null || fail 'the shell did not start'
	usleep 20000
done
pid=$(cat /tmp/seen/pid)
owner=$(stat -c '%u (%U)' "/proc/$pid")
uid=$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")
echo "  outside: process $pid has uid $uid, /proc/$pid belongs to $owner"
: >/tmp/seen/done
chmod 666 /tmp/seen/done
wait $!
[ "$uid" = 65534 ] || fail "the shell has uid $uid outside"
case $owner in 65534*) ;; *) fail "/proc/$pid belongs to $owner" ;; esac

echo
echo '2. A tree of nested namespaces'
echo "  outside: uid $(id -u), $(readlink /proc/self/ns/user)"
nsrun -u '0 100000 100' -g '0 100000 100' "$0" tree 1

echo
echo '3. A denied escape'
nsrun -u '0 100000 100' -g '0 100000 100' "$0" escape
[ "$(hostname)" = guest ] || fail 'the host name changed'
echo "  outside: host name $(hostname), init alive, secret kept"
