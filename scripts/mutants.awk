# SPDX-License-Identifier: GPL-2.0
# Reads the lists of mutants; with -v tree=DIR makes the edits in the files there, and writes the header with their names.
# Standard output: "name<TAB>programs<TAB>cases<TAB>covers<TAB>where" for each. Variables: tree, apply (1: write),
# header (file to write), edited (file to write: "file<TAB>number" of each line that is edited). Exit code 1, with complaints on standard error, when the lists do not fit the tree.

function complain(text) {
	print place ": " text > "/dev/stderr"
	bad = 1
}

function trim(s) {
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

# What a replacement says must be a mutant of the same edit, and the reverse.
function end_of_edit(   i) {
	if (!open) return
	if (!removed[edits]) complain("an edit without a line '-'")
	if (!added[edits]) complain("an edit without a line '+'")
	open = 0
}

function end_of_stanza(   i, name) {
	end_of_edit()
	for (i = 1; i <= said; i++)
		if (!(saying[i] in here)) complain("mutant(" saying[i] ") has no line '!'")
	for (name in here)
		if (!(name in spoken)) complain(name " is in no line '+'")
	said = 0
	split("", here)
	split("", spoken)
}

{ place = FILENAME ":" FNR }
/^#/ { next }
FNR == 1 || /^$/ { end_of_stanza() }
/^$/ { next }
/^@/ {
	end_of_edit()
	if (NF != 3) complain("not '@ FILE FUNCTION'")
	open = 1
	file[++edits] = $2
	func_of[edits] = $3
	origin[edits] = place
	place_of[edits] = $2 ":" $3
	next
}
/^-/ {
	if (!open || added[edits]) complain("a line '-' out of place")
	line[edits, ++removed[edits]] = trim(substr($0, 2))
	next
}
/^\+/ {
	if (!open) complain("a line '+' out of place")
	text = substr($0, 2)
	insert[edits] = insert[edits] text "\n"
	added[edits]++
	while (match(text, /mutant\([a-z0-9_]*\)/)) {
		name = substr(text, RSTART + 7, RLENGTH - 8)
		saying[++said] = name
		spoken[name] = 1
		if (index(", " where[name] ",", ", " place_of[edits] ",") == 0)
			where[name] = where[name] (where[name] == "" ? "" : ", ") place_of[edits]
		text = substr(text, RSTART + RLENGTH)
	}
	next
}
/^!/ {
	end_of_edit()
	if (NF < 5 || $2 !~ /^[a-z][a-z0-9_]*$/) complain("not '! NAME PROGRAM[,PROGRAM] CASES COVERS...'")
	if ($2 in taken) complain($2 " is there twice")
	taken[$2] = 1
	here[$2] = 1
	covers = $0
	sub(/^!([ \t]+[^ \t]+)([ \t]+[^ \t]+)([ \t]+[^ \t]+)[ \t]+/, "", covers)
	gsub(/,/, " ", $3)
	names[++mutants] = $2
	row[mutants] = $2 "\t" $3 "\t" $4 "\t" covers "\t" where[$2]
	next
}
{ complain("not understood") }

# The lines of a function's body, or of the file where the function is '-'.
function find_function(name,   i) {
	first = 1
	last = lines
	if (name == "-") return 1
	for (i = 1; i <= lines; i++)
		if (text_of[i] ~ "^[A-Za-z_].*[^A-Za-z0-9_]" name "\\(" || text_of[i] ~ "^" name "\\(" || text_of[i] ~ "^SYSCALL_DEFINE[0-9]\\(" name "[,)]") {
			for (first = last = i; last <= lines && text_of[last] !~ /^}/; last++)
				if (text_of[last] ~ /;$/ && text_of[last] ~ /^[A-Za-z_]/) break
			if (text_of[last] ~ /^}/) return 1
		}
	return 0
}

function edit_file(name,   path, i, j, k, e, found, at, included) {
	path = tree "/" name
	lines = 0
	while ((getline text < path) > 0) text_of[++lines] = text
	close(path)
	if (!lines) {
		complain(name " is not in the tree")
		return
	}
	split("", start)
	split("", gone)
	for (e = 1; e <= edits; e++) {
		if (file[e] != name) continue
		place = origin[e]
		if (!find_function(func_of[e])) {
			complain(name " has no function " func_of[e])
			continue
		}
		found = 0
		for (i = first; i + removed[e] - 1 <= last; i++) {
			for (j = 1; j <= removed[e] && trim(text_of[i + j - 1]) == line[e, j]; j++) ;
			if (j > removed[e]) {
				found++
				at = i
			}
		}
		if (found != 1) {
			complain("'" line[e, 1] "' is " (found ? found " times" : "not") " in " func_of[e] "() of " name)
			continue
		}
		start[at] = e
		for (k = at; k < at + removed[e]; k++) {
			if (k in gone) complain("'" line[e, 1] "' is edited twice")
			gone[k] = 1
			if (edited != "") print name "\t" k > edited
		}
	}
	if (bad || !apply) return
	printf "" > path
	for (i = 1; i <= lines; i++) {
		# not before a pr_fmt() of the file's own
		if (!included && text_of[i] ~ /^#[ \t]*include/) {
			print "#include <linux/mutant.h>" > path
			included = 1
		}
		if (i in start) printf "%s", insert[start[i]] > path
		if (!(i in gone)) print text_of[i] > path
	}
	close(path)
}

END {
	end_of_stanza()
	if (tree != "")
		for (e = 1; e <= edits; e++)
			if (!(file[e] in done)) {
				done[file[e]] = 1
				edit_file(file[e])
			}
	if (bad) exit 1
	if (header != "") {
		printf "#ifndef _LINUX_MUTANT_NAMES_H\n#define _LINUX_MUTANT_NAMES_H\n" > header
		printf "#define MUTANTS" > header
		for (i = 1; i <= mutants; i++) printf " \\\n\tM(%s)", names[i] > header
		printf "\n#endif\n" > header
	}
	for (i = 1; i <= mutants; i++) print row[i]
}
