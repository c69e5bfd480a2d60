# SPDX-License-Identifier: GPL-2.0
# Shared by every script: settings, messages and exit codes.
# shellcheck shell=sh disable=SC2034

set -eu

# A make that started us must not lend its flags to the kernel's make.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL
LC_ALL=C
export LC_ALL
# Where mkfs and modprobe are, which not every user's shell looks for.
PATH=$PATH:/usr/sbin:/sbin

# Exit codes, the same everywhere: 0 is a pass.
E_FAIL=1	# a test failed
E_USAGE=2	# wrong usage, or a tool, a source or room on the disk is missing
E_BUILD=3	# a patch did not apply or a build failed
E_SKIP=4	# everything was skipped
E_FAULT=5	# the kernel faulted
E_TIME=124	# out of time

# die CODE SENTENCE [NEXT-COMMAND]
die() {
	printf 'error: %s\n' "$2" >&2
	[ -z "${LOG:-}" ] || printf '  log:  %s\n' "$(short "$LOG")" >&2
	[ -z "${3:-}" ] || printf '  next: %s\n' "$3" >&2
	exit "$1"
}

note() {
	printf 'note: %s\n' "$*"
}

# A path below the project is printed relative to it: shorter, and logs of two machines compare.
short() {
	case $1 in
	"$TOP"/*) printf '%s' "${1#"$TOP"/}" ;;
	*) printf '%s' "$1" ;;
	esac
}

absolute() {
	case $1 in
	/*) printf '%s' "$1" ;;
	*) printf '%s/%s' "$TOP" "$1" ;;
	esac
}

# one_of NAME VALUE ALLOWED...
one_of() {
	one_name=$1 one_value=$2
	shift 2
	for one_allowed; do
		[ "$one_value" != "$one_allowed" ] || return 0
	done
	die $E_USAGE "$one_name='$one_value' is not one of: $*" 'make help'
}

# number NAME VALUE: a positive decimal number
number() {
	case $2 in
	'' | *[!0-9]* | 0*) die $E_USAGE "$1='$2' is not a positive number" 'make help' ;;
	esac
}

have() {
	command -v "$1" >/dev/null 2>&1
}

need() {
	for need_tool; do
		have "$need_tool" || die $E_USAGE "the tool '$need_tool' is missing" 'make deps'
	done
}

# Git, deaf to the configuration of whoever runs it: what it writes depends on the project alone.
pgit() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_NOSYSTEM=1 \
		git -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.quotePath=false \
		-c gc.auto=0 -c advice.detachedHead=false -c safe.directory='*' "$@"
}

# build_settings: a sum of what a kernel's build depends on but its tree, ARCH, FLAVOUR and USERNS
build_settings() {
	{
		scripts/config asked
		cat scripts/warnings.allow
		"$KCC" --version
	} | sha256sum | cut -c1-12
}

# text_and_data: the bytes of both in a kernel that CONFIG_PREFIX, FLAVOUR and USERNS name
text_and_data() {
	tad_suffix=
	[ "$USERNS" = y ] || tad_suffix=-nouserns
	size "$OUT/build/${CONFIG_PREFIX:-}$BASE-$ARCH-$FLAVOUR$tad_suffix/vmlinux" | awk 'NR == 2 { print $1 + $2 }'
}

# series_list: the patches of the series, in order, without headings
series_list() {
	[ -f "$SERIES" ] || return 0
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$SERIES"
}

# scratch: makes a folder in $TMP that goes when the script ends
scratch() {
	mkdir -p "$OUT/tmp"
	TMP=$(mktemp -d "$OUT/tmp/$(basename "$0").XXXXXX")
	trap 'rm -rf "$TMP"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

[ -f scripts/lib.sh ] || {
	echo "error: run this through make, in the project's top folder" >&2
	exit 2
}
TOP=$(pwd -P)
for setting in BASE ARCH FLAVOUR USERNS OUT TREE JOBS KERNEL_CACHE; do
	eval "[ -n \"\${$setting:-}\" ]" || die $E_USAGE "$setting is not set: run this through make" 'make help'
done
one_of BASE "$BASE" 3.4.113
one_of ARCH "$ARCH" x86_64 i386
one_of FLAVOUR "$FLAVOUR" plain debug wide
one_of USERNS "$USERNS" y n
number JOBS "$JOBS"
GUEST=${GUEST:-$ARCH}
one_of GUEST "$GUEST" x86_64 i386
OUT=$(absolute "$OUT")
TREE=$(absolute "$TREE")
SERIES=$TOP/patches/series-${BASE%.*}
BASESUMS=$TOP/patches/base-$BASE.sha256
# Another kernel than the baseline, of which only scripts/later-kernel knows, has a name of its own.
if [ -z "${LATER:-}" ]; then
	CONFIG_NAME=${CONFIG_PREFIX:-}$BASE-$ARCH-$FLAVOUR
	[ "$USERNS" = y ] || CONFIG_NAME=$CONFIG_NAME-nouserns
else
	CONFIG_NAME=linux-$LATER-$ARCH-$FLAVOUR
fi
BUILD=$OUT/build/$CONFIG_NAME
KCC=${KCC:-gcc}
V=${V:-0}
mkdir -p "$OUT"
