import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeTree } from '../server/src/drivers/host/files.ts'

/** Starts a program of which nothing is heard. */
export type Start = (argv: string[]) => ChildProcess

/** A folder, and programs that are started in it: both are gone afterwards. */
export async function amidst<T>(
  prefix: string,
  work: (home: string, start: Start) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), prefix))
  await chmod(home, 0o711)
  const children: ChildProcess[] = []
  const start: Start = ([program, ...args]) => {
    const child = spawn(program!, args, { stdio: 'ignore' })
    children.push(child)
    return child
  }
  try {
    return await work(home, start)
  } finally {
    for (const child of children.reverse()) {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    }
    await removeTree(home)
  }
}
