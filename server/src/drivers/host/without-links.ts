import { isRoot } from './proc.ts'

/** In mounts of its own, in which the folder is mounted once more. */
const INSIDE = `mount --bind "$1" "$1" && mount -o remount,bind,nosymfollow "$1"
cd "$1" && shift && exec "$@"`

/** A container that may not mount goes on without; `inn status` says that walls are missing there. */
const OUTSIDE = `unshare --mount true 2>/dev/null && exec unshare --mount --propagation private sh -c "$0" sh "$@"
cd "$1" && shift && exec "$@"`

/**
 * A program that root starts in a folder of an app. The kernel follows no link there, so that a folder which the app
 * swaps for a link while the program walks through it leads nowhere.
 */
export const withoutLinks = (folder: string, argv: readonly string[]): readonly string[] =>
  isRoot() ? ['sh', '-c', OUTSIDE, INSIDE, folder, ...argv] : argv
