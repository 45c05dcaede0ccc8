import { readFile } from 'node:fs/promises'
import type { Program } from '../../watch/security/facts.ts'
import { descendants } from './proc.ts'
import { nameOf } from './users.ts'

/** As whom a process and its descendants run, each user once. */
export async function programsOf(service: string, pid: number): Promise<Program[]> {
  const all = await Promise.all([pid, ...(await descendants(pid))].map(one => rightsOf(one)))
  const found = all.filter(one => one !== null)
  const once = new Map(found.map(one => [`${one.uid} ${one.capable}`, one]))
  return Promise.all(
    [...once.values()].map(async ({ uid, capable }) => ({
      ...{ service, root: uid === 0, capable, user: await nameOf(uid) },
    })),
  )
}

/** null: it has ended. */
async function rightsOf(pid: number): Promise<{ uid: number; capable: boolean } | null> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const uid = /^Uid:\t\d+\t(\d+)/m.exec(text)?.[1]
  const capable = /^CapEff:\t([0-9a-f]+)/m.exec(text)?.[1]
  return uid === undefined || capable === undefined
    ? null
    : { uid: Number(uid), capable: /[1-9a-f]/.test(capable) }
}
