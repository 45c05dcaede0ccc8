import { isRoot } from './proc.ts'

/** In mounts of its own, in which the folder is mounted once more; a kernel or a container that cannot do that goes on without. */
const SCRIPT = `mount --bind "$1" "$1" && mount -o remount,bind,nosymfollow "$1"
cd "$1" && shift && exec "$@"`

/**
 * A program that root starts in a folder of an app. The kernel follows no link there, so that a folder which the app
 * swaps for a link while the program walks through it leads nowhere.
 */
export const withoutLinks = (folder: string, argv: readonly string[]): readonly string[] =>
  isRoot()
    ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', folder, ...argv]
    : argv
