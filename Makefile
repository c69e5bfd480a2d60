# SPDX-License-Identifier: GPL-2.0
# Complete hierarchical user namespaces for Linux 3.4.113: every stage is a target, 'make help' lists them.

# Knobs: make NAME=value.
BASE ?= 3.4.113#			baseline: 3.4.113
ARCH ?= x86_64#				x86_64 or i386
FLAVOUR ?= plain#			plain, debug (lockdep, kmemleak and the like) or wide (all filesystems)
USERNS ?= y#				y or n: CONFIG_USER_NS
GUEST ?=#				i386: 32-bit programs in the guest; empty: those of ARCH
T ?=#					tests to run: name[,name]; empty: all
KSRC ?=#				kernel source: folder or tarball; empty: cache, then kernel.org
KERNEL_CACHE ?= $(HOME)/.cache/userns#	where sources are looked for and kept
OUT ?= out#				everything that is generated
TREE ?= $(OUT)/tree/$(BASE)#		git tree: base and one commit for each patch
KCC ?= gcc#				compiler for the kernel and the programs in the guest
JOBS ?= $(shell nproc)#			parallel compile jobs
SMP ?= 2#				processors of the guest
MEM ?= 512#				memory of the guest, MiB
MUTANT ?=#				mutants to try: name[,name]; empty: all
COUNT ?=#				how many: calls of make fuzz (100000), programs of make differ (300), mutants to try of make mutate (all), newest patches of make bisect-check (all)
APPEND ?=#				more for the guest's kernel command line
ACCEL ?= auto#				auto, kvm or tcg: how QEMU runs the guest
BOOT_TIMEOUT ?= 180#			seconds until the guest's init must have started
TEST_TIMEOUT ?= 300#			seconds for one test program
TOTAL_TIMEOUT ?= 2400#			seconds for one boot
ROUNDS ?= 500#				of make storm
SEED ?=#				of make storm, make fuzz (empty: another one each time) and make differ (empty: 1)
OP ?=#					of make faults: operations with word[,word] in the name; empty: all
PROGRAMS ?=#				of make differ: a file of them instead
V ?= 0#					1: show what the stages do

# A comment after a value leaves blanks in it.
knobs := BASE ARCH FLAVOUR USERNS GUEST T KSRC KERNEL_CACHE OUT TREE KCC JOBS SMP MEM MUTANT APPEND ACCEL BOOT_TIMEOUT TEST_TIMEOUT TOTAL_TIMEOUT ROUNDS SEED COUNT OP V
$(foreach k,$(knobs),$(eval override $(k) := $(strip $($(k)))))
export $(knobs)

.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules
Q := $(if $(filter 1,$(V)),,@)
stage := $(Q)scripts/stage
smoke := creation,maps

.PHONY: main deps source tree use-tree import export config kernel initramfs boot test smoke demo report
.PHONY: wide shell gdb list control control-demo host model check check-all check-apply apply-check apply-table check-export check-boot-fail selfcheck
.PHONY: mutate bisect-check submit-check coverage realfs realfs-control real real-control unpatched bench figures bench-check storm differ faults fuzz stats size contract strict sparse coccicheck capable-fix lint help clean

## The two commands
main: deps ##		get, apply, build, boot, demonstration, smoke tests (default; minutes)
	$(Q)scripts/main
check: deps ##		prove everything (up to an hour from nothing)
	$(Q)scripts/check

## Stages
deps: ##		are the tools here? as root: install what is missing (network)
	$(stage) deps scripts/deps
source: ##		find or fetch the pristine kernel (network, unless cached)
	$(stage) source scripts/source
tree: source ##		git tree: base and one commit for each patch
	$(stage) tree scripts/tree
use-tree:
	$(stage) tree scripts/tree --use
export: ##		write patches/, kernel/ and selftests/ from the tree's commits
	$(stage) export scripts/export
import: ##		take selftests/ into the tree's working files
	$(Q)scripts/import
config: use-tree ##	kernel configuration, checked option by option
	$(stage) config scripts/config
kernel: config ##	build the kernel (2 minutes)
	$(stage) kernel scripts/kernel
initramfs: ##		build guest init, tests, demonstration and benchmark
	$(stage) initramfs scripts/initramfs
boot: kernel initramfs ##	boot and leave: does it come up without a complaint?
	$(stage) boot scripts/boot none
test: kernel initramfs ##	boot and run the tests; T=name[,name]
	$(Q)scripts/run-tests
report: ##		print the last run's verdict again
	$(Q)scripts/report

## In the guest
smoke: kernel initramfs ##	the smoke tests only
	$(Q)T=$(smoke) scripts/run-tests
demo: kernel initramfs ##	the demonstration only
	$(Q)scripts/demo
shell: kernel initramfs ##	a busybox prompt in the patched kernel
	$(Q)scripts/shell
gdb: kernel initramfs ##	the same, stopped for gdb (symbols with FLAVOUR=debug)
	$(Q)scripts/shell --gdb
list: initramfs ##	every test case and its clauses
	$(Q)scripts/list
control: initramfs ##	the tests on Debian's stock kernel, which must pass them
	$(Q)scripts/run-tests --control
realfs: wide initramfs ##	the tests that need disks, with every filesystem (10 minutes)
	$(Q)scripts/realfs
realfs-control: initramfs ##	the same on Debian's stock kernel
	$(Q)scripts/realfs --control
real: wide initramfs ##	programs of Debian, as they are, run by an ordinary user (network, for the packages)
	$(Q)scripts/real
real-control: initramfs ##	the same on Debian's stock kernel
	$(Q)scripts/real --control
storm: use-tree initramfs ##	namespaces and mounts at random, in parallel, on the debug kernel: nothing may be left (minutes)
	$(Q)scripts/storm
faults: use-tree initramfs ##	each allocation of an operation fails once, on the debug kernel: nothing may be left
	$(Q)scripts/no-memory
fuzz: use-tree initramfs ##	COUNT calls at random by root of a namespace, on the debug kernel: nothing outside may change
	$(Q)scripts/fuzz
differ: kernel initramfs ##	random programs on the patched kernel and on Debian's, step by step; SEED= COUNT=
	$(Q)scripts/differ $(PROGRAMS)
unpatched: ##		the tests on the unpatched kernel, which must fail or skip
	$(Q)scripts/unpatched
bench: ##		instructions per operation: unpatched, patched, Linux 6.1 (3 builds)
	$(Q)scripts/bench
figures: ##		bench, and keep its figures for the budgets, in Documentation/
	$(Q)scripts/bench --write

## Checks
host: ##		unit tests and fuzzing of the map functions on this machine
	$(stage) host scripts/host
model: ##		rules and life cycle as models, checked in every small state (a minute)
	$(stage) model scripts/model
lint: ##		shellcheck, checkpatch, white space, spelling
	$(stage) lint scripts/lint
check-apply: source ##	git am, quilt and patch, without fuzz, to the same result
	$(stage) apply scripts/check-apply
apply-check: source ##	which releases of this line in the cache take the series, with what offset and fuzz
	$(stage) apply-matrix scripts/apply-matrix
apply-table: source ##	the same, and keep the table as Documentation/apply.md
	$(stage) apply-matrix scripts/apply-matrix --write
check-export: ##	is the project what an export would write?
	$(stage) round-trip scripts/export --same
wide: use-tree
	$(stage) config-wide env FLAVOUR=wide scripts/config
	$(stage) kernel-wide env FLAVOUR=wide scripts/kernel
strict: wide ##		compile with struct ids: only == and != may be left
	$(stage) strict scripts/strict
sparse: wide ##		sparse finds no mixed kernel and user ids
	$(stage) sparse scripts/sparse
coccicheck: use-tree ##	capability checks, copied and compared ids: all as Documentation/capable.md says
	$(stage) coccicheck scripts/coccicheck
capable-fix: use-tree ##	bring Documentation/capable.md up to the tree, for review
	$(Q)scripts/capable --fix
contract: initramfs ##	clause by clause, the tests that assert it; what security.md names is there
	$(Q)scripts/contract
bench-check: kernel initramfs ##	the figures of bench against the committed budgets
	$(stage) budgets scripts/budget
	$(stage) smoke-cost scripts/smoke-cost
selfcheck: kernel initramfs ##	the harness notices a failure, a crash, a hang, a panic
	$(stage) selfcheck scripts/selfcheck
mutate: use-tree initramfs ##	disable what protects, line by line: each must fail a test (minutes)
	$(Q)scripts/mutate
submit-check: use-tree ##	the kernel's SubmitChecklist, point by point, by what check-all leaves
	$(stage) submit-check scripts/submit-check
bisect-check: ##		every patch builds with and without USER_NS, and boots (hours; resumable); COUNT=
	$(Q)scripts/bisect-check
coverage: use-tree ##	which lines of the series do the tests reach? (10 minutes; resumable)
	$(stage) cov-kernel scripts/coverage kernel
	$(stage) cov-x86_64 scripts/coverage trace x86_64
	$(stage) cov-i386 scripts/coverage trace i386
	$(Q)scripts/coverage report
check-all: deps ##	check, i386, coverage, faults, fuzz, bisect-check and submit-check (hours; resumable)
	$(Q)scripts/check --all

## Odds and ends
stats: use-tree ##	size of the series, group by group
	$(Q)scripts/stats
size: use-tree ##	text and data of the kernel, group by group, USER_NS=y and n (24 builds)
	$(Q)scripts/size
help: ##		this text
	$(Q)scripts/help Makefile
clean: ##		remove out/ except the tree, which may hold work
	$(Q)scripts/clean
