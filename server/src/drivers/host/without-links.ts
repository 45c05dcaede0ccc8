import { isRoot } from './proc.ts'

/** Shell text for inside the mount namespace: mounts the folder on itself with nosymfollow, then runs the program. */
const INSIDE = `mount --bind "$1" "$1" && mount -o remount,bind,nosymfollow "$1"
cd "$1" && shift && exec "$@"`

/** Shell text that makes the mount namespace. A container that may not mount runs the program without; `inn status` reports the missing wall. */
const OUTSIDE = `unshare --mount true 2>/dev/null && exec unshare --mount --propagation private sh -c "$0" sh "$@"
cd "$1" && shift && exec "$@"`

/**
 * The argv for a program that root runs in a folder of an app. The kernel follows no symbolic link below that folder, so
 * an app gains nothing when it replaces a folder by a link while the program walks through.
 */
export const withoutLinks = (folder: string, argv: readonly string[]): readonly string[] =>
  isRoot() ? ['sh', '-c', OUTSIDE, INSIDE, folder, ...argv] : argv
