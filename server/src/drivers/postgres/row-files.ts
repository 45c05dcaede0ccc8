import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RowFiles } from '../../data/retention/ports.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec } from '../host/exec.ts'
import { giveFolder, makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { whilePostgresAnswers } from './frozen.ts'
import { listening } from './login.ts'
import { psqlCommand } from './rows.ts'

const NEWLINE = 10

/** Rows as files: psql writes them as PostgreSQL's user, and then they are root's. */
export function rowFiles(account: () => Promise<Account | null>): RowFiles {
  return {
    async extract({ from: at, database, select, settings, into, via, signal }) {
      const user = await account()
      await removeTree(via)
      await giveFolder(via, user, 0o700)
      const file = join(via, 'rows')
      const session = { at, database, settings, signal }
      const command = psqlCommand(user, session, {
        args: ['--output', file, '--command', `copy (${select}) to stdout`],
        pidFile: join(via, 'psql.pid'),
      })
      const done = await whilePostgresAnswers(listening(at), signal, over =>
        exec({ ...command, signal: over }),
      )
      signal.throwIfAborted()
      if (done.code !== 0) throw unread(done.tail)
      await rename(file, into)
      await removeTree(via)
      const made = await opened(into)
      await made.sync().finally(() => made.close())
    },
    note: (path, text) => writeDurable(path, text),
    noted: path => readFile(path, 'utf8'),
    async look(path) {
      const hash = createHash('sha256')
      const found = { rows: 0, bytes: 0 }
      for await (const chunk of chunks(path)) {
        hash.update(chunk)
        found.bytes += chunk.length
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) found.rows++
      }
      return { ...found, sha256: hash.digest('hex') }
    },
    lines,
    async empty(folder) {
      // PostgreSQL's user passes through to its own folder beside.
      for (const above of [dirname(dirname(folder)), dirname(folder)]) await makeFolder(above, 0o711)
      await removeTree(folder)
      await makeFolder(folder, 0o700)
    },
  }
}

/** A regular file, and nothing that a link leads to. */
const opened = (path: string): Promise<FileHandle> => open(path, constants.O_RDONLY | constants.O_NOFOLLOW)

async function* chunks(path: string): AsyncGenerator<Buffer> {
  const file = await opened(path)
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) yield chunk as Buffer
  } finally {
    await file.close()
  }
}

/** Lines end at a newline alone: what Node.js takes for the end of one may be part of a value. */
async function* lines(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks(path)) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let at = all.indexOf(NEWLINE); at >= 0; at = all.indexOf(NEWLINE, from)) {
      yield all.toString('utf8', from, at)
      from = at + 1
    }
    rest = all.subarray(from)
  }
}

const unread = (output: string): Failure =>
  new Failure('retention.read', 'the rows that are due could not be read', {
    why: telling(output),
    fix: 'correct the rule in `retention:` of innkeeper.yaml, or see `inn logs APP --service postgres`; nothing was changed',
  })
