import type { Finished } from '../../apps/releases/runner.ts'
import { type Place, placeAddress } from '../../data/places/place.ts'
import { type PhysicalBackup, position } from '../../data/repositories/physical.ts'
import type { Finding } from '../../data/repositories/snapshots.ts'
import { Failure } from '../../kernel/failure.ts'
import { plain, telling } from '../../kernel/output.ts'
import { parseSize } from '../../kernel/sizes.ts'

/** Status codes of a stanza that exists: 0 with backups, 2 without. 1: there is none. */
export const MADE = new Set([0, 2])

export interface Info {
  archive: Array<{ id: string; database: { id: number } }>
  backup: InfoBackup[]
  /** Every cluster that was ever backed up under this name, oldest first. */
  db: Array<{ id: number; 'system-id': number | string }>
  repo: Array<{ status: { code: number; message: string } }>
}

interface InfoBackup {
  label: string
  type: 'full' | 'diff' | 'incr'
  prior: string | null
  timestamp: { start: number; stop: number }
  archive: { start: string; stop: string }
  lsn: { start: string; stop: string }
  info: { size: number; repository: { delta: number } }
  error: boolean
  database: { id: number }
}

/** The answer of `info`, or the first line of its error. With a wrong key the rest of the error is not readable text. */
export function readInfo(stdout: string): Info | string {
  const [, problem] = /"message":"(\[\w+\](?:[^"\\\n]|\\[^n])*)/.exec(stdout) ?? []
  if (problem !== undefined) return problem
  // The identifier of a cluster is larger than what a number of JavaScript holds exactly.
  const exact = stdout.replaceAll(/("system-id":)(\d+)/g, '$1"$2"')
  return (JSON.parse(exact) as Info[])[0] ?? { archive: [], backup: [], db: [], repo: [] }
}

/** The cluster that is backed up now. One that was made anew after `inn remove` is another one, and so is an upgraded one. */
export const newestOf = ({ db }: Info): Info['db'][number] | undefined => db.at(-1)

export function toBackup(place: Place, b: InfoBackup): PhysicalBackup {
  return {
    label: b.label,
    kind: b.type,
    place: place.name,
    prior: b.prior,
    startedAt: b.timestamp.start * 1000,
    endedAt: b.timestamp.stop * 1000,
    bytes: b.info.size,
    storedBytes: b.info.repository.delta,
    firstSegment: b.archive.start,
    lastSegment: b.archive.stop,
    end: position(b.lsn.stop),
    error: b.error,
  }
}

/** Reads progress from lines such as `backup file /…/1255 (768KB, 5.2%)` and `restore file /…/1255 (768KB, 5.2%)`. */
export function progressed(
  line: string,
  total: { bytes: number; done: number },
  tell?: (progress: { doneBytes: number; totalBytes: number | null }) => void,
): void {
  const [, size, percent] = / file \S+ \(([\d.]+[KMGT]?B), ([\d.]+)%\)/.exec(line) ?? []
  if (size === undefined) return
  total.done += parseSize(size) ?? 0
  const share = Number(percent) / 100
  tell?.({ doneBytes: total.done, totalBytes: share > 0.01 ? Math.round(total.done / share) : null })
}

/** `verify` exits with 0 whatever it finds, so its output is read. A line that is not clearly good is a finding. */
export function findings(done: Finished): Finding[] {
  const text = plain(done.stdout)
  const bad = text
    .split('\n')
    .flatMap(
      line => /invalid (?:checksum|result|size) .*$|\S+ is missing or unusable.*$/.exec(line)?.[0] ?? [],
    )
    .concat(text.split('\n').filter(line => /^\s+(No usable|.*status: invalid)/.test(line)))
    .map(line => ({ what: line.trim() }))
  if (bad.length > 0) return bad
  const sound =
    done.code === 0 && /^status: ok$/m.test(text) && !/(?:missing|other|invalid): [1-9]/.test(text)
  return sound ? [] : [{ what: `the check did not say that all is well: ${telling(done.tail)}` }]
}

/** The output from its first error on: before, pgBackRest lists all its options. */
const errorsOf = (output: string): string => telling(/^(?:.* )?ERROR:[\s\S]*/m.exec(output)?.[0] ?? output)

export function refused(place: Place, what: string, output: string): Failure {
  const where = `${place.name} (${placeAddress(place)})`
  const why = errorsOf(output)
  if (/is not later than latest backup label/.test(why))
    return new Failure('backup.clock', `${what}: the clock is behind that of an earlier backup at ${where}`, {
      why,
      fix: 'set the clock right (timedatectl); if it was ahead before, the backup is possible once it has passed that time',
    })
  if (/No space left/i.test(why))
    return new Failure('backup.space', `${what}: no space is left at ${where}`, {
      why,
      fix: 'free some space there, or let backups: in innkeeper.yaml keep fewer',
    })
  if (/CryptoError|cipher|FormatError/i.test(why))
    return new Failure('backup.key', `${what}: ${where} was encrypted with another key`, {
      why,
      fix: 'give the key of the server that made it: it stands in its recovery kit',
    })
  return new Failure('backup.place', `${what} at ${where}`, {
    why,
    fix: 'check that the place can be reached and written to, then try again',
  })
}

export function unrestored(place: Place, output: string): Failure {
  const where = `${place.name} (${placeAddress(place)})`
  const why = errorsOf(output)
  if (/ChecksumError|Data corruption|FormatError|invalid checksum/i.test(why))
    return new Failure('backup.damaged', `a file of the backup at ${where} is not what was written`, {
      why,
      fix: 'begin from another backup: `--backup LABEL` of `inn restore` and `inn recovery database`; `inn backup list` has them, and `inn backup verify` says what is sound',
    })
  // pgBackRest does not pass on the system's error; nearly always the disk is full.
  if (/FileWriteError|No space left/i.test(why))
    return new Failure('backup.space', 'the restored files cannot be written: the disk is full, or failing', {
      why,
      fix: '`df -h` shows what is full; free some space, then restore again. What serves was not changed',
    })
  if (/unable to find backup set|no backup set found/i.test(why))
    return new Failure('restore.target', `no backup at ${where} reaches that moment`, {
      why,
      fix: '`inn backup list` shows the window that can be restored',
    })
  return refused(place, 'the restore failed', output)
}

export const unpushed = (path: string, output: string): Failure =>
  new Failure('backup.archive', `${path} could not be archived`, {
    why: errorsOf(output),
    fix: 'check that the places of backups: can be reached; until `inn restore discard` the file stays where it is',
  })
