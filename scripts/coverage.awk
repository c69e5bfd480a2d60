# SPDX-License-Identifier: GPL-2.0
# The passes of scripts/coverage, picked by -v pass=NAME. Addresses are sixteen digits, compared as text.

# trace: what QEMU disassembled. "address 2 i" for each instruction, "address 2 s" for the first of a block, "address 2 j
# next target" for a conditional jump, which ends one.
function number(hex,    i, n) {
	n = 0
	for (i = 1; i <= length(hex); i++)
		n = 16 * n + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return n
}
pass == "trace" && /^IN:/ { first = 1; next }
pass == "trace" && /^0x/ {
	address = substr($1, 3, 16)
	if (first && !((address, "s") in seen)) {
		seen[address, "s"]
		print address, 2, "s"
	}
	first = 0
	if (address in seen)
		next
	seen[address]
	print address, 2, "i"
	for (bytes = 0; $(bytes + 2) ~ /^[0-9a-f][0-9a-f]$/; bytes++)
		;
	if ($(bytes + 2) ~ /^j[^m]/ && $NF ~ /^0x/)
		print address, 2, "j", substr(address, 1, 8) sprintf("%08x", number(substr(address, 9)) + bytes), substr($NF, 3)
}

# rows: the table of line numbers. "address 1 path line", "address 0" where a function's code ends.
pass == "rows" && /^(CU: )?[^ ]*:(\[.*\])?$/ {
	path = $NF
	sub(/:(\[.*\])?$/, "", path)
	if (index(path, tree) == 1)
		path = substr(path, length(tree) + 1)
	else if (index(path, full) == 1)
		path = substr(path, length(full) + 1)
	while (sub(/[^\/.]+\/\.\.\//, "", path))
		;
	next
}
pass == "rows" && $3 ~ /^0x[0-9a-f]+$/ {
	address = substr($3, 3)
	if ($2 == "-")
		print address, 0
	else if ($2 ~ /^[0-9]+$/)
		print address, 1, path, $2
}

# lines: the trace, then both, sorted by address. "path line reached outcomes seen": how often a conditional jump of that
# line could go on, and where it did, or something else came there.
pass == "lines" && NR == FNR {
	if ($3 == "s")
		start[$1]
	next
}
pass == "lines" && $2 < 2 {
	if (here != "" && $1 != begin)
		known[here]
	here = $2 == 1 ? $3 " " $4 : ""
	begin = $1
	next
}
pass == "lines" && here != "" {
	known[here]
	if ($3 == "i")
		reached[here] = 1
	if ($3 == "j") {
		outcomes[here] += 2
		came[here] += ($4 in start) + ($5 in start)
	}
}

# added: "commit group", then git's blame of a file. "group path line function text" for what the series added; "?" in front
# of the text where it may be no code.
pass == "added" && NR == FNR { group[$1] = $2; next }
pass == "added" {
	commit = $1
	sub(/^[^)]*\) ?/, "")
	if ($0 ~ /^[A-Za-z_][^=]*\(/ && $0 !~ /;$/) {
		name = $0
		if (sub(/^(COMPAT_)?SYSCALL_DEFINE[0-9]*\(/, "sys_", name))
			sub(/[,)].*/, "", name)
		else {
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		}
	}
	if (commit !~ /^\^/) {
		text = $0
		gsub(/[ \t]+/, " ", text)
		sub(/^ /, "", text)
		print group[commit] "\t" path "\t" FNR "\t" (name == "" ? "-" : name) "\t" (text ~ /^$|^\/?\*|^\/\/|^#|^[{}]$/ ? "?" : "") text
	}
	if ($0 ~ /^}/)
		name = ""
}

# report: Documentation/uncovered, the lines, what was added; and the names of the groups, in order.
pass == "report" && FILENAME == reasons {
	if (/^#/ || /^$/)
		next
	if (/^[^\t]/) {
		reason = $0
		next
	}
	count++
	why[count] = reason
	in_path[count] = $1
	in_name[count] = $2
	sub(/^\t[^ ]+ [^ ]+ ?/, "")
	in_text[count] = $0
	next
}
pass == "report" && FILENAME == lines {
	code[$1, $2] = $3
	all[$1, $2] = $4
	came[$1, $2] = $5
	built[$1]
	next
}
function excuse(path, name, text, hit,    i, found) {
	for (i = 1; i <= count; i++) {
		if (in_path[i] != "*" && in_path[i] != path || in_name[i] != "*" && in_name[i] != name)
			continue
		if (in_text[i] != "" && !index(text, in_text[i]))
			continue
		there[i] = 1
		if (hit)
			continue
		if (!found)
			found = i
		used[i] = 1
	}
	return found
}
pass == "report" {
	split($0, field, "\t")
	g = field[1]; path = field[2]; line = field[3]; name = field[4]; text = field[5]
	# The end of a function is where one of its branches goes, not a line of its own.
	if (text ~ /^\??[{}]$/)
		next
	if (!((path, line) in code)) {
		if (!(path in built) && path !~ /\.h$/ && text !~ /^\?/) {
			absent[g]++
			files[path]++
		}
		next
	}
	sub(/^\?/, "", text)
	total[g]++
	outcomes[g] += all[path, line]
	seen[g] += came[path, line]
	i = excuse(path, name, text, code[path, line])
	if (code[path, line]) {
		reached[g]++
		if (all[path, line] > came[path, line])
			print path ":" line ": " name ": " came[path, line] " of " all[path, line] ": " text >(out "/one-way")
		next
	}
	if (i) {
		excused[g]++
		by[why[i]]++
		print path ":" line ": " name ": " text " -- " why[i] >(out "/unreached")
	} else {
		left[g]++
		print path ":" line ": " name ": " text >(out "/unreached")
		print path ":" line ": " name ": " text >(out "/left")
	}
}
function percent(a, b) {
	return b ? sprintf("%5.1f", int(1000 * a / b) / 10) : "    -"
}
function row(g, a, b, c, d, e, f, h) {
	printf "%-12s %7d %7d %7s %8d %6d %9d %7s %10d\n", g, a, b, percent(b, a), c, d, e, percent(f, e), h
}
END {
	if (pass == "lines")
		for (here in known)
			print here, reached[here] + 0, outcomes[here] + 0, came[here] + 0
	if (pass != "report")
		exit
	printf "%-12s %7s %7s %7s %8s %6s %9s %7s %10s\n", "group", "lines", "reached", "%", "reasoned", "left", "outcomes", "%", "not built"
	n = split(groups, order, " ")
	for (k = 1; k <= n; k++) {
		g = order[k]
		if (!total[g] && !absent[g])
			continue
		row(g, total[g], reached[g], excused[g], left[g], outcomes[g], seen[g], absent[g])
		t += total[g]; r += reached[g]; x += excused[g]; l += left[g]; o += outcomes[g]; s += seen[g]; a += absent[g]
	}
	row("all", t, r, x, l, o, s, a)
	for (path in files)
		print files[path] "\t" path >(out "/not-built")
	for (i = 1; i <= count; i++) {
		if (!there[i])
			print "no line of the series is this one: " in_path[i] " " in_name[i] " " in_text[i] >(out "/stale")
		else if (!used[i])
			print "reached by now: " in_path[i] " " in_name[i] " " in_text[i] >(out "/by-now")
	}
	for (reason in by)
		print by[reason] "\t" reason >(out "/reasons")
}
