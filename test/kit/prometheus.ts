import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from './server.ts'

interface Settings {
  apiPort: number
  /** Ports of what measures. */
  metrics: Record<string, number>
}

export const settingsOf = async ({ home }: Server): Promise<Settings> =>
  JSON.parse(await readFile(join(home, 'settings.json'), 'utf8')) as Settings

interface Vector {
  metric: Record<string, string>
  value: [number, string]
}

/** What the Prometheus of a home answers now. */
export async function query(server: Server, text: string): Promise<Vector[]> {
  const { prometheus } = (await settingsOf(server)).metrics
  const answer = await fetch(`http://127.0.0.1:${prometheus}/api/v1/query?query=${encodeURIComponent(text)}`)
  const { data } = (await answer.json()) as { data: { result: Vector[] } }
  return data.result
}

/** The first answer that is not empty: everything is asked each 15 seconds. */
export async function soon(
  server: Server,
  text: string,
  good: (found: Vector[]) => boolean = found => found.length > 0,
): Promise<Vector[]> {
  for (const end = Date.now() + 60_000; ; await sleep(500)) {
    const found = await query(server, text).catch(() => [])
    if (good(found)) return found
    if (Date.now() > end) assert.fail(`${text}: ${JSON.stringify(found)}`)
  }
}
