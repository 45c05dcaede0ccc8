import { readdir, readFile } from 'node:fs/promises'
import { PAGE_BYTES, statOf, TICKS_PER_SECOND } from '../../kernel/stat.ts'
import type { Processes, Seen } from '../../watch/processes/processes.ts'

/** The processes of this machine. `tree`: the pid of the supervision of a home, whose services are named; null: none runs. */
export const processes = (tree: () => Promise<number | null>): Processes => ({
  ticks: TICKS_PER_SECOND,
  async read() {
    const [root, names] = await Promise.all([tree(), readdir('/proc')])
    const all = await Promise.all(names.filter(name => /^\d+$/.test(name)).map(name => readOne(name, root)))
    return all.filter(one => one !== null)
  },
})

async function readOne(pid: string, tree: number | null): Promise<Seen | null> {
  const [stat, statm] = await Promise.all(['stat', 'statm'].map(name => textOf(`/proc/${pid}/${name}`)))
  if (stat === '' || statm === '') return null
  const { name: own, fields } = statOf(stat!)
  const [, resident = 0, shared = 0] = statm!.split(' ').map(Number)
  const name = own === NODE ? await programOf(pid) : own
  const ppid = Number(fields[1])
  return {
    ...{ pid: Number(pid), ppid, name, start: Number(fields[19]) },
    ticks: Number(fields[11]) + Number(fields[12]),
    ownBytes: (resident - shared) * PAGE_BYTES,
    sharedBytes: shared * PAGE_BYTES,
    supervises: name === 'runsv' && ppid === tree ? await serviceOf(pid) : null,
  }
}

/** What Node.js calls its first thread, and so every process of it. */
const NODE = 'MainThread'

const programOf = async (pid: string): Promise<string> =>
  (await textOf(`/proc/${pid}/cmdline`)).split('\0')[0]?.split('/').at(-1) || NODE

/** `runsv shop.web.blue.1` */
const serviceOf = async (pid: string): Promise<string | null> =>
  (await textOf(`/proc/${pid}/cmdline`)).split('\0')[1] || null

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
