import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import type { Machine } from '../../servers/setup/machine.ts'
import { exec } from './exec.ts'
import { writeDurable } from './files.ts'
import { networkEnv } from './network.ts'

const LONGEST_MS = 120_000
/** What a shell answers for a program that is not there. */
const MISSING = 127

/** This machine, for its set-up. Its programs see how the network is reached, and by which connection we came in. */
export function localMachine(env: Readonly<Record<string, string | undefined>> = process.env): Machine {
  const { SSH_CONNECTION: cameIn } = env
  const own = { ...networkEnv(env), ...(cameIn === undefined ? {} : { SSH_CONNECTION: cameIn }) }
  const machine: Machine = {
    async exec(argv, { timeoutMs = LONGEST_MS, env: more = {}, onLine } = {}) {
      const command = { argv, cwd: '/', env: { ...own, ...more }, timeoutMs }
      try {
        const { code, stdout, tail } = await exec(onLine === undefined ? command : { ...command, onLine })
        return { code: code ?? -1, out: stdout, tail }
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'exec.missing')) throw error
        return { code: MISSING, out: '', tail: error.message }
      }
    },
    all: looks =>
      Promise.all(
        looks.map(async argv => {
          const { code, out } = await machine.exec(argv, { env: { LC_ALL: 'C' } })
          return code === 0 ? out : null
        }),
      ),
    read: path => readFile(path, 'utf8').catch(() => null),
    async write(path, text, mode) {
      await mkdir(dirname(path), { recursive: true })
      await writeDurable(path, text, mode)
    },
    remove: path => rm(path, { force: true }),
  }
  return machine
}
