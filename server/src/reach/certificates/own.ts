import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { Certificate, Problem, Wanted } from './certificate.ts'
import { missing, sourcesOf } from './due.ts'
import type { CertificatePorts } from './ports.ts'
import { goodSince } from './rule.ts'

type Own = NonNullable<Wanted['files']>

/** Whether the files of an app's own hold another certificate than the known one. What cannot be read is told by the run that tries. */
export async function changedFiles(
  { file }: Pick<CertificatePorts, 'file'>,
  { files }: Wanted,
  known: Certificate | null,
): Promise<boolean> {
  if (files === null) return false
  try {
    return (await file(files.certificate)) !== known?.chain || (await file(files.key)) !== known?.key
  } catch {
    return true
  }
}

/** Reads an app's own certificate. One that visitors' browsers would refuse takes the place of none. */
export async function readOwn(
  ports: CertificatePorts,
  wanted: Wanted,
  files: Own,
): Promise<{ certificate: Certificate; problems: Record<string, Problem> }> {
  const { certificates, clock, file, read } = ports
  const [chain, key] = [await file(files.certificate), await file(files.key, { secret: true })]
  checkFit(ports, files, { chain, key })
  const paper = read(chain)[0]!
  const now = clock.now()
  if (paper.to <= now || paper.from > now) throw wrongTime(files, paper, now)
  const before = await certificates.certificate(wanted.app)
  const { names, from, to } = paper
  const source = { app: wanted.app, authority: sourcesOf(wanted)[0], window: null }
  const certificate = { ...source, names, chain, key, from, to, goodSince: goodSince(before, names, now) }
  const lacking = missing(wanted, certificate)
  if (lacking.length === wanted.names.length) throw forOthers(files, names, wanted)
  const problems = lacking.map((name): [string, Problem] => [
    name,
    { reason: `${files.certificate} is for ${list(names)}, and not for it`, looked: true },
  ])
  return { certificate, problems: Object.fromEntries(problems) }
}

function checkFit(
  { fits, read }: Pick<CertificatePorts, 'fits' | 'read'>,
  files: Own,
  { chain, key }: { chain: string; key: string },
): void {
  try {
    if (read(chain).length > 0 && fits(chain, key)) return
  } catch (error) {
    throw unusable(files, `they cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw unusable(
    files,
    `the first certificate of ${files.certificate} belongs to another key than ${files.key}`,
  )
}

const unusable = (files: Own, why: string): Failure =>
  new Failure('certificate.own', `the certificate in ${files.certificate} cannot be used`, {
    why,
    fix: "put a certificate and its key there, as PEM, the site's own first; they are read again when they change",
  })

function wrongTime(files: Own, { from, to }: { from: number; to: number }, now: number): Failure {
  const date = (at: number) => new Date(at).toISOString().slice(0, 10)
  return unusable(
    files,
    to <= now
      ? `it is over since ${date(to)}`
      : `it is good from ${date(from)} on; is the clock of this server right?`,
  )
}

const forOthers = (files: Own, names: readonly string[], wanted: Wanted): Failure =>
  unusable(files, `it is for ${list(names)}, and the domains of ${wanted.app} are ${list(wanted.names)}`)
