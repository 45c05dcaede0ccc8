import type { Instead } from '../../data/repositories/snapshots.ts'
import { isRoot } from './proc.ts'

/** Exit code when files could not be put in the place of others. */
export const NOT_MOUNTED = 97

/**
 * Shell text for inside the mount namespace: mounts the folder on itself with nosymfollow, then files over some of its
 * files (pairs of a file and a path below the folder, up to `--`), then runs the program. `-c`: mount itself would follow
 * a link that an app put at the path; the kernel refuses it.
 */
const INSIDE = `mount --bind "$1" "$1" && mount -o remount,bind,nosymfollow "$1" || exit ${NOT_MOUNTED}
cd "$1" && shift
while [ "$1" != -- ]; do mount -c --bind "$1" "$PWD/$2" || exit ${NOT_MOUNTED}; shift 2; done
shift && exec "$@"`

/** Shell text that makes the mount namespace. A container that may not mount runs the program without; `inn status` reports the missing wall. */
const OUTSIDE = `unshare --mount true 2>/dev/null && exec unshare --mount --propagation private sh -c "$0" sh "$@"
cd "$1" && shift
if [ "$1" != -- ]; then echo "files cannot be put in the place of others: this machine lets nobody mount" >&2; exit ${NOT_MOUNTED}; fi
shift && exec "$@"`

/**
 * The argv for a program that root runs in a folder of an app. The kernel follows no symbolic link below that folder, so
 * an app gains nothing when it replaces a folder by a link while the program walks through. The program sees the files of
 * `instead` in the place of those in the folder; where nothing can be mounted, it ends with NOT_MOUNTED.
 */
export function withoutLinks(
  folder: string,
  argv: readonly string[],
  instead: readonly Instead[] = [],
): readonly string[] {
  const over = [...instead.flatMap(({ file, path }) => [file, path]), '--']
  if (isRoot()) return ['sh', '-c', OUTSIDE, INSIDE, folder, ...over, ...argv]
  return instead.length === 0 ? argv : ['sh', '-c', OUTSIDE, INSIDE, folder, ...over, ...argv]
}
