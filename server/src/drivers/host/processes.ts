import { readdir, readFile } from 'node:fs/promises'
import type { Processes, Seen } from '../../watch/processes/processes.ts'

const PAGE = 4096

/** The processes of this machine. `tree`: the pid of the supervision of a home, whose services are named; null: none runs. */
export const processes = (tree: () => Promise<number | null>): Processes => ({
  ticks: 100,
  async read() {
    const [root, names] = await Promise.all([tree(), readdir('/proc')])
    const all = await Promise.all(names.filter(name => /^\d+$/.test(name)).map(name => readOne(name, root)))
    return all.filter(one => one !== null)
  },
})

async function readOne(pid: string, tree: number | null): Promise<Seen | null> {
  const [stat, statm] = await Promise.all(['stat', 'statm'].map(name => textOf(`/proc/${pid}/${name}`)))
  if (stat === '' || statm === '') return null
  // The name in brackets may contain anything, so fields are counted from the last bracket.
  const end = stat!.lastIndexOf(')')
  const fields = stat!.slice(end + 2).split(' ')
  const [, resident = 0, shared = 0] = statm!.split(' ').map(Number)
  const name = stat!.slice(stat!.indexOf('(') + 1, end)
  const ppid = Number(fields[1])
  return {
    ...{ pid: Number(pid), ppid, name, start: Number(fields[19]) },
    ticks: Number(fields[11]) + Number(fields[12]),
    ownBytes: (resident - shared) * PAGE,
    sharedBytes: shared * PAGE,
    supervises: name === 'runsv' && ppid === tree ? await serviceOf(pid) : null,
  }
}

/** `runsv shop.web.blue.1` */
const serviceOf = async (pid: string): Promise<string | null> =>
  (await textOf(`/proc/${pid}/cmdline`)).split('\0')[1] || null

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
