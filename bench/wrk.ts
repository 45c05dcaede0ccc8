import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { execOk } from '../server/src/drivers/host/exec.ts'

export interface Round {
  perSecond: number
  p99Ms: number
  failed: number
  /** Processor time of nginx's workers, microseconds a request. */
  cpu: number
}

/** Of the children of an nginx, in microseconds. */
async function cpuOf(nginx: ChildProcess): Promise<number> {
  const children = await readFile(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8')
  const stats = children
    .trim()
    .split(' ')
    .map(pid => readFile(`/proc/${pid}/stat`, 'utf8'))
  const ticks = (await Promise.all(stats)).map(stat =>
    stat.split(') ')[1]!.split(' ').slice(11, 13).map(Number),
  )
  return ticks.flat().reduce((sum, n) => sum + n, 0) * 10_000
}

/** One round of wrk. */
export async function round(port: number, nginx: ChildProcess, seconds: number): Promise<Round> {
  const before = await cpuOf(nginx)
  const argv = ['wrk', '-t2', '-c64', `-d${seconds}s`, '--latency', `http://127.0.0.1:${port}/`]
  const { stdout } = await execOk({ argv, timeoutMs: (seconds + 10) * 1000 }, 'wrk')
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0)
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout)!
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p99Ms: Number(p99) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's'],
    failed: number(/Non-2xx or 3xx responses: (\d+)/) + socketErrors(stdout),
    cpu: ((await cpuOf(nginx)) - before) / number(/(\d+) requests in/),
  }
}

/** Connections that failed and answers that did not come, which wrk counts one by one. */
const socketErrors = (text: string): number =>
  [...(/Socket errors: (.*)/.exec(text)?.[1] ?? '').matchAll(/\d+/g)].reduce((sum, [n]) => sum + Number(n), 0)

/** So many rounds of each, by name. Who goes first changes, so that none always meets the same machine. */
export async function inRounds<Name extends string, R>(
  names: readonly Name[],
  rounds: number,
  one: (name: Name) => Promise<R>,
): Promise<Record<Name, R[]>> {
  const all = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, R[]>
  for (let n = 0; n < rounds; n++)
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + n) % names.length]!
      all[name].push(await one(name))
    }
  return all
}
