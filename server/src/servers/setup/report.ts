import type { Facts, Kept } from './facts.ts'
import type { Looking } from './machine.ts'
import { readUpdates, type Update } from './reading.ts'

/** What is newer than what runs. */
export interface Upkeep {
  updates: readonly Update[]
  /** When apt last heard what there is, ISO 8601; null: never, or nobody knows. */
  heard: string | null
  /** Why a restart of the machine is due; null: it is not. */
  restart: string | null
}

const LOOKS = [
  ['apt-get', '-s', '-o', 'Debug::NoLocking=1', 'dist-upgrade'],
  ['stat', '-c', '%Y', '/var/lib/apt/lists'],
  ['find', '/boot', '-maxdepth', '1', '-name', 'vmlinuz-*', '-printf', '%f\n'],
  ['cat', '/run/reboot-required.pkgs'],
  ['test', '-e', '/run/reboot-required'],
  ['uname', '-r'],
] as const

export async function observeUpkeep(at: Looking): Promise<Upkeep> {
  const [updates, heard, kernels, required, asked, running] = await at.all(LOOKS)
  const seconds = Number(heard ?? 0)
  return {
    updates: readUpdates(updates ?? ''),
    heard: seconds > 0 ? new Date(seconds * 1_000).toISOString() : null,
    restart: restartDue({
      required: required ?? null,
      asked: asked !== null,
      kernels: (kernels ?? '').split('\n').flatMap(name => /^vmlinuz-(.+)$/.exec(name)?.[1] ?? []),
      running: running?.trim() ?? '',
    }),
  }
}

interface Signs {
  /** Names of packages that asked for a restart. */
  required: string | null
  asked: boolean
  /** Versions of the kernels that are installed, and of the one that runs. */
  kernels: readonly string[]
  running: string
}

/** Why a restart is due; null: it is not. A kernel that is not among the installed ones is of a host, and says nothing. */
export function restartDue({ required, asked, kernels, running }: Signs): string | null {
  const newest = [...kernels].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  if (newest !== undefined && newest !== running && kernels.includes(running))
    return `the kernel ${newest} is installed, and ${running} runs`
  if (!asked) return null
  const names = [...new Set((required ?? '').split('\n').filter(name => name !== ''))]
  return names.length === 0 ? 'a package asked for it' : `updates of ${names.join(', ')} ask for it`
}

/** What is not as set-up left it, one sentence each. `now`: what set-up would do today. */
export function drifted(facts: Facts, kept: Kept, now: readonly string[]): string[] {
  const files = Object.entries(kept.files).flatMap(([path, text]) => {
    const found = facts.files[path] ?? null
    if (found === text) return []
    return [found === null ? `${path} is gone` : `${path} was changed`]
  })
  const swap = kept.swap !== null && facts.swapBytes === 0 ? [`the swap in ${kept.swap} is off`] : []
  const { live, confirmed, other } = facts.firewall
  const firewall =
    other !== null || (live !== null && live === confirmed)
      ? []
      : [live === null ? 'the firewall is off' : 'the firewall has other rules than were confirmed']
  return [...files, ...swap, ...firewall, ...now.map(title => `set-up would: ${title}`)]
}
