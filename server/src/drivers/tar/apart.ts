import { Failure, type FailureJson } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec } from '../host/exec.ts'
import { COMPILED_BEFORE, programBeside } from '../host/program.ts'

const PROGRAM = programBeside(import.meta, 'program')
/** Twice what half a million files need. More is no source, and must not be taken from the services. */
const MOST_MEMORY = 512 * 1024 ** 2

/** What the program prints: what it found, or why it did not. */
export type Told = { value: unknown } | { failure: FailureJson }

/**
 * Archives are read in a process of their own: what they need is given back when they are done, and an archive that
 * needs more than there is ends that process and not the keeper.
 */
async function apart(argv: readonly string[], signal?: AbortSignal): Promise<unknown> {
  const done = await exec({
    argv: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      '--max-old-space-size=384',
      PROGRAM,
      ...argv,
    ],
    env: COMPILED_BEFORE,
    memoryBytes: MOST_MEMORY,
    timeoutMs: 600_000,
    signal,
    background: true,
  })
  const told = done.code === 0 ? (JSON.parse(done.stdout) as Told) : null
  if (told !== null && 'value' in told) return told.value
  if (told !== null) throw new Failure(told.failure.code, told.failure.what, told.failure)
  throw new Failure('archive.broken', 'the source archive cannot be read', {
    why: `the program that reads it ended with ${done.code ?? done.signal}\n${telling(done.tail)}`,
    fix: 'deploy again; if it stays so, deploy a smaller folder',
  })
}

/** Unpacks a source archive after checking all of it. Nothing is written when any entry is refused. */
export const unpackApart = async (
  archive: string,
  target: string,
): Promise<{ files: number; bytes: number }> =>
  (await apart(['unpack', archive, target])) as { files: number; bytes: number }

/** The text of one file in an archive; null: there is no such file. */
export const readApart = async (archive: string, file: string): Promise<string | null> =>
  (await apart(['read', archive, file])) as string | null

/** A digest of the files of an archive without the one that is named (`digest.ts`). */
export const digestApart = async (archive: string, without: string): Promise<string> =>
  (await apart(['digest', archive, without])) as string

/** A digest of what decides which packages an install in this folder of an archive brings (`digest.ts`). */
export const packagesApart = async (archive: string, folder: string): Promise<string> =>
  (await apart(['packages', archive, folder])) as string

/** All paths of an archive, and the texts of files whose path fits the pattern, a regular expression. */
export const textsApart = async (
  archive: string,
  pattern: string,
): Promise<{ paths: string[]; texts: Record<string, string>; complete: boolean }> =>
  (await apart(['texts', archive, pattern])) as Awaited<ReturnType<typeof textsApart>>
