# SPDX-License-Identifier: GPL-2.0
# Checks that the series adds or changes. Reads: a diff without context against the tree in -v tree=DIR. Standard output:
# "file:function TAB first line TAB last line TAB call TAB text" for each statement that asks somebody and has an added line;
# its lines go from its first to the ';' or '{' that ends what is done, or begun, when the answer is no.
BEGIN {
	# what is asked: a capability, a permission, or whether two ids are the same
	ask = "[a-z_0-9]*(capable|may_[a-z_]+|permission|allowed|has_capability[a-z_]*|[ug]id_eq|in_group_p|in_userns|valid_owner|_may|owner_or_capable|capable_wrt_[a-z_]+)\\("
	same = "(uid|gid|user_ns|cred)[a-z_]*(\\(\\))? [=!]= [a-z_>.-]*([ug]id|UID|GID|ns|cred)"
}
/^\+\+\+ / {
	settle()
	file = substr($2, 3)
	split("", added)
	next
}
/^@@ / {
	split(substr($3, 2), at, ",")
	for (i = 0; i < (at[2] == "" ? 1 : at[2]); i++)
		added[at[1] + i] = 1
}
END { settle() }

function settle(   n, line, fn, comment, code, first, text, fresh, call) {
	if (file == "")
		return
	fn = "?"
	for (n = 1; (getline line < (tree "/" file)) > 0; n++) {
		if (comment) {
			if (!sub(/.*\*\//, "", line))
				continue
			comment = 0
		}
		gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "", line)
		comment = sub(/\/\*.*/, "", line)
		gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
		if (line ~ /^SYSCALL_DEFINE/ && match(line, /\([a-z_0-9]+/))
			fn = substr(line, RSTART + 1, RLENGTH - 1)
		else if (line ~ /^[A-Za-z_].*\(/ && line !~ /;[ \t]*$/ && match(line, /[A-Za-z_0-9]+\(/))
			fn = substr(line, RSTART, RLENGTH - 1)
		if (line ~ /^[A-Za-z_#{}]/ || line ~ /^[ \t]*$/) {
			first = 0
			continue
		}
		if (!first) {
			first = n
			text = fresh = ""
		}
		text = text " " line
		if (n in added)
			fresh = fresh " " line
		if (line !~ /[;{}][ \t]*$/ && line !~ /^[ \t]*(case .*|[a-z_]+):[ \t]*$/)
			continue
		call = ""
		if (match(fresh, ask))
			call = substr(fresh, RSTART, RLENGTH - 1)
		else if (fresh ~ same)
			call = "=="
		if (call != "") {
			gsub(/[ \t]+/, " ", text)
			printf "%s:%s\t%d\t%d\t%s\t%s\n", file, fn, first, n, call, text
		}
		first = 0
	}
	close(tree "/" file)
}
