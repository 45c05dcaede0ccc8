#!/bin/sh
# hardlink of util-linux 2.38.1 (Debian 12) and later: the package of this machine's Debian, unpacked into a folder.
#
# The manual says of --ignore-time that it links files "even if their modification times are different"; so without it one
# expects that only files of the same time become one. It compares whole seconds: two equal files whose times differ by half
# a second become one file, and one of the two times is lost, at a precision that build tools and backup programs read.
#
# Seen on 29 November 2026, with util-linux 2.38.1-5+deb12u3:
#   half a second apart, in the same second: 1 inode, times of a, b before: 1000.25, 1000.75; of both after: 1000.750000000
#   one second apart: 2 inodes
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
chmod 755 .
apt-get download util-linux >/dev/null 2>&1
dpkg -x util-linux_*.deb root
PATH="$at/root/usr/bin:$PATH"
hardlink --version
for name in a b c; do mkdir -p "tree/$name"; echo 'the same text' >"tree/$name/LICENSE"; done
touch -d @1000.25 tree/a/LICENSE
touch -d @1000.75 tree/b/LICENSE
touch -d @1001.25 tree/c/LICENSE
hardlink --quiet --respect-name tree
inodes() { stat -c %i "$@" | sort -u | wc -l | tr -d ' '; }
near=$(inodes tree/a/LICENSE tree/b/LICENSE)
far=$(inodes tree/a/LICENSE tree/c/LICENSE)
echo "half a second apart, in the same second: $near inode, times of a, b before: 1000.25, 1000.75; of both after: $(stat -c %.9Y tree/a/LICENSE)"
echo "one second apart: $far inodes"
if [ "$near" = 1 ] && [ "$far" = 2 ]; then exit 0; fi
echo 'it is otherwise now: the finding is out of date'
exit 1
