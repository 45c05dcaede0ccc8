import { readlink } from 'node:fs/promises'
import type { Held, Starter } from '../../apps/releases/runner.ts'
import { exec, start } from './exec.ts'
import { killGroup, processTree } from './proc.ts'

/** Starts a program whose streams somebody else has. */
export const execHeld: Starter = async (command, { stdout, stderr }) => {
  const { child, finished } = await start(command, { stdin: 'pipe', stdout, stderr })
  // A program that ends before it has read everything closes the pipe. That is no failure: its own result counts.
  const stdin = child.stdin!.on('error', () => {})
  const resize: Held['resize'] = async ({ columns, rows }) => {
    const terminal = await terminalOf(child.pid)
    if (terminal === null) return
    const argv = ['stty', '-F', terminal, 'rows', String(rows), 'cols', String(columns)]
    // As the app's user: the name of the terminal comes from the app's own processes.
    await exec({ argv, timeoutMs: 5_000, user: command.confinement?.user ?? null })
  }
  return { stdin, finished, resize, signal: name => killGroup(child.pid, name) }
}

/** The terminal that processes below this one have. */
async function terminalOf(pid: number | undefined): Promise<string | null> {
  if (pid === undefined) return null
  const inside = (await processTree(pid)).filter(one => one.pid !== pid)
  const inputs = await Promise.all(inside.map(one => readlink(`/proc/${one.pid}/fd/0`).catch(() => '')))
  return inputs.find(path => /^\/dev\/pts\/\d+$/.test(path)) ?? null
}
