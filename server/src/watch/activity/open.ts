import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { elsewhere, silentDatabase } from '../../apps/databases/unasked.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import type { OpenPart } from '../../parts/part.ts'
import { locksOf, type Session } from './activity.ts'
import { Activity, EndSession, SessionEnded, type SessionView } from './wire.ts'

export interface Needs {
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  activity: {
    /** Who is connected to the cluster of an app. `none`: it has no cluster here; `down`: it does not answer. */
    sessions(app: string): Promise<Session[] | 'none' | 'down'>
    /** false: there is no such session any more. */
    end(app: string, session: Pick<Session, 'pid' | 'began'>, how: 'cancel' | 'terminate'): Promise<boolean>
  }
  audit: {
    write(row: { actor: string; action: string; app: string; detail: string }): Promise<unknown>
  }
}

const operator = { permission: 'operator' } as const

export const open = (needs: Needs): OpenPart => ({
  routes(app) {
    listRoute(app, needs)
    endRoute(app, needs)
  },
})

function listRoute(app: Routes, { knownApp, activity }: Needs): void {
  app.get(
    '/api/apps/:app/sessions',
    {
      // Statements have the values of visitors in them.
      config: operator,
      schema: {
        summary: "Who is connected to an app's database, what each does, and whom it waits for",
        params: z.object({ app: z.string() }),
        response: { 200: Activity },
      },
    },
    async request => {
      const { app: name } = request.params
      await knownApp(name)
      const found = await activity.sessions(name)
      if (found === 'none') throw elsewhere(name)
      if (found === 'down') throw silentDatabase(name)
      return { app: name, sessions: found.map(viewOf), locks: locksOf(found) }
    },
  )
}

function endRoute(app: Routes, { knownApp, activity, audit }: Needs): void {
  app.post(
    '/api/apps/:app/sessions/:pid/end',
    {
      config: operator,
      schema: {
        summary:
          "Ends a session of an app's database, or only its statement; what its transaction did is taken back",
        params: z.object({ app: z.string(), pid: z.coerce.number().int().min(1) }),
        body: EndSession,
        response: { 200: SessionEnded },
      },
    },
    async request => {
      const { app: name, pid } = request.params
      const { began, statement } = request.body
      await knownApp(name)
      const how = statement ? 'cancel' : 'terminate'
      if (!(await activity.end(name, { pid, began: Date.parse(began) }, how))) throw gone(name, pid)
      const detail = statement ? `the statement of ${pid}` : String(pid)
      await audit.write({ actor: request.actor.name, action: 'db kill', app: name, detail })
      return { ended: true as const }
    },
  )
}

const viewOf = ({ began, blockedBy, ...one }: Session): SessionView => ({
  ...{ ...one, began: iso(began) },
  blockedBy: [...blockedBy],
})

const gone = (app: string, pid: number): Failure =>
  new Failure('session.gone', `session ${pid} of the database of ${app} is not there`, {
    why: 'it has ended, is another one by now, or is one of Innkeeper itself',
    fix: `\`inn db activity ${app}\` shows those that are`,
  })
