import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { userName } from '../../server/src/apps/app/names.ts'
import { exec } from '../../server/src/drivers/host/exec.ts'
import { findAccount } from '../../server/src/drivers/host/users.ts'
import type { Server } from '../kit/server.ts'

/** What a program of the app's user could do that escaped every wall but the permissions of files. */
export async function asUserOf(server: Server, app: string, script: string): Promise<string> {
  const user = (await findAccount(userName(server.home, app)))!
  return (await exec({ argv: ['bash', '-c', script], user, cwd: '/', timeoutMs: 60_000 })).tail
}

/** The same, going on beside the test until it is ended. */
export function besides(server: Server, app: string, code: string): { end(): Promise<void> } {
  const over = new AbortController()
  const running = (async () => {
    const user = (await findAccount(userName(server.home, app)))!
    const argv = [process.execPath, '-e', code]
    await exec({ argv, user, cwd: '/', timeoutMs: 120_000, signal: over.signal })
  })().catch(() => {})
  return {
    async end() {
      over.abort()
      await running
    },
  }
}

/** Port of an instance, as the keeper gave it out. */
export function portOf({ home }: Server, instance: string): number {
  const store = new DatabaseSync(join(home, 'keeper.db'), { readOnly: true })
  try {
    return Number(store.prepare('select port from port where owner = ?').get(instance)!['port'])
  } finally {
    store.close()
  }
}

export const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** One entry of a tar archive of the old form, as no packer writes it. */
export function entry(name: string, text: string, type: string): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100)
  header.write(
    `${Buffer.byteLength(text).toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        ${type}`,
    124,
  )
  header.write('ustar\x0000', 257)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return Buffer.concat([
    header,
    Buffer.from(text),
    Buffer.alloc((512 - (Buffer.byteLength(text) % 512)) % 512),
  ])
}
