import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FailureJson } from '../../server/src/kernel/failure.ts'
import type { Fixture } from './app.ts'
import type { Ended, Server } from './server.ts'
import { CALM_MS, type Visitors, visit } from './visitors.ts'

/** An app that serves, with visitors who must never notice a change. */
export interface Proof {
  visitors: Visitors
  /** Does something that must fail with this code, and checks that nothing that serves was changed. */
  harmless(code: string, fault: () => Promise<Ended>): Promise<FailureJson>
  /** Checks that the next good deploy works, and that visitors get it. */
  recovers(): Promise<void>
}

/** Asserts that a change was done completely. */
export function good(ended: Ended): void {
  assert.equal(ended.json.outcome, 'done', ended.text)
}

export function failureOf(ended: Ended, code: string): FailureJson {
  const failure = ended.json.failure
  assert.ok(failure, `nothing failed:\n${ended.text}`)
  assert.equal(failure.code, code, ended.text)
  for (const part of ['what', 'why', 'fix'] as const) assert.ok(failure[part].length > 5, `${part} is empty`)
  if (process.env['SHOW_FAILURES'])
    console.error(`[${code}] ${failure.what}\n  why: ${failure.why}\n  fix: ${failure.fix}`)
  return failure
}

/** The app's own port at the edge, which it has with or without domains. */
export function portOf({ home }: Server, app: string): number {
  const store = new DatabaseSync(join(home, 'keeper.db'), { readOnly: true })
  try {
    return Number(store.prepare('select port from app where name = ?').get(app)!['port'])
  } finally {
    store.close()
  }
}

export async function prove(server: Server, app: Fixture): Promise<Proof> {
  const first = await app.deploy()
  assert.equal(first.json.outcome, 'done', first.text)
  const url = `http://127.0.0.1:${portOf(server, app.name)}/`
  const visitors = visit(url, { pauseMs: CALM_MS })
  const live = async () => {
    const status = await server.app(app.name, a => a.state === 'serving' && a.running === null)
    const instances = status.services.flatMap(s => s.instances.filter(i => i.role === 'live'))
    return { state: status.state, release: status.release, pids: instances.map(i => i.pid) }
  }
  const unharmed = () => {
    assert.deepEqual(visitors.seen.failures, [])
    assert.ok(visitors.seen.requests > 0)
  }
  return {
    visitors,
    async harmless(code, fault) {
      const before = await live()
      const ended = await fault()
      const failure = failureOf(ended, code)
      if (ended.json.outcome !== undefined) assert.equal(ended.json.outcome, 'undone', ended.text)
      assert.notEqual(ended.code, 0)
      assert.deepEqual(await live(), before)
      assert.equal(before.state, 'serving')
      unharmed()
      return failure
    },
    async recovers() {
      const more = visit(url)
      const ended = await app.deploy()
      assert.deepEqual((await more.leave()).failures, [])
      assert.equal(ended.json.outcome, 'done', ended.text)
      assert.equal(ended.code, 0)
      const now = await live()
      assert.equal(now.release, ended.json.release)
      assert.equal(now.state, 'serving')
      unharmed()
    },
  }
}
