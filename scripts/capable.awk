# SPDX-License-Identifier: GPL-2.0
# Every call of a capability check in C files: "init|owner file:function CAP". What starts in column 0, has a
# parenthesis and does not end there names the function whose body follows; so all of the kernel's C is laid out.
function settle() {
	for (; waiting; waiting--)
		print asked[waiting] " " place[waiting] " CAP_?"
}
FNR == 1 {
	settle()
	fn = "?"
	comment = macro = 0
	file = FILENAME
	sub(/^\.\//, "", file)
}
{
	line = $0
	if (comment) {
		if (!match(line, /\*\//))
			next
		line = substr(line, RSTART + 2)
		comment = 0
	}
	while (match(line, /\/\*([^*]|\*+[^*\/])*\*+\//))
		line = substr(line, 1, RSTART - 1) " " substr(line, RSTART + RLENGTH)
	gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
	sub(/\/\/.*/, "", line)
	if (match(line, /\/\*/)) {
		line = substr(line, 1, RSTART - 1)
		comment = 1
	}
	body = line
	if (match(line, /^#[ \t]*define[ \t]+[A-Za-z_0-9]+/)) {
		outer = macro ? outer : fn
		fn = substr(line, RSTART, RLENGTH)
		body = substr(line, RSTART + RLENGTH)
		sub(/.*[ \t]/, "", fn)
		macro = 1
	} else if (!macro && line ~ /^[A-Za-z_]/) {
		head = line
		# SYSCALL_DEFINE2(name, ...) and its like define sys_name
		if (match(head, /SYSCALL_DEFINE[0-9]?\([ \t]*[A-Za-z_0-9]+/)) {
			name = substr(head, RSTART, RLENGTH)
			sub(/.*[( \t]/, "", name)
			fn = "sys_" name
		} else {
			gsub(/__(attribute__|releases|acquires|printf)[ \t]*\([^;{]*\)+/, "", head)
			if (head !~ /;[ \t]*$/ || head ~ /{/)
				if (match(head, /[A-Za-z_0-9]+[ \t]*\(/)) {
					name = substr(head, RSTART, RLENGTH)
					sub(/[ \t]*\(/, "", name)
					fn = name
				}
		}
		# What stands in column 0 calls nothing but in a body on the same line.
		if (!sub(/^[^{]*{/, "", body))
			body = ""
	}
	body = " " body
	if (waiting && match(body, /[^A-Z_]CAP_[A-Z_]+/)) {
		cap = substr(body, RSTART + 1, RLENGTH - 1)
		for (; waiting; waiting--)
			print asked[waiting] " " place[waiting] " " cap
	} else if (waiting && line ~ /;/)
		settle()
	while (match(body, /(^|[^A-Za-z_0-9])((ns_|nsown_|task_ns_|file_ns_|netlink_)?capable|capable_wrt_inode_uidgid|has_(ns_)?capability(_noaudit)?|security_capable(_noaudit)?)[ \t]*\(/)) {
		call = substr(body, RSTART, RLENGTH)
		body = " " substr(body, RSTART + RLENGTH)
		kind = call ~ /ns_|nsown_|wrt_inode|security_/ && body !~ /^[^;]*&init_user_ns/ ? "owner" : "init"
		if (match(body, /^[^;]*[^A-Z_]CAP_[A-Z_]+/) && match(body, /[^A-Z_]CAP_[A-Z_]+/))
			print kind " " file ":" fn " " substr(body, RSTART + 1, RLENGTH - 1)
		else {
			asked[++waiting] = kind
			place[waiting] = file ":" fn
		}
	}
	if (macro && line !~ /\\$/) {
		macro = 0
		fn = outer
	}
}
END { settle() }
