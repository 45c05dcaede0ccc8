import type { Routes } from '../../api/routes.ts'
import type { Awake } from '../app/awake.ts'

interface Ports {
  awaken(app: string): Promise<void>
  awake: Pick<Awake, 'hold'>
}

/**
 * Wakes the app of a request whose route says `wakes`, whichever noun has that route. It comes after the guard, so that
 * nobody wakes an app in which they may do nothing.
 */
export function wakeFirst(app: Routes, { awaken, awake }: Ports): void {
  app.addHook('preHandler', async (request, reply) => {
    const { app: name } = (request.params ?? {}) as { app?: string }
    if (request.routeOptions.config.wakes !== true || name === undefined) return
    // A proposal waits for a person, and a plan changes nothing.
    if (request.proposes || (request.body as { plan?: boolean } | null)?.plan === true) return
    const release = awake.hold(name)
    reply.raw.once('close', release)
    // Whoever sent it is gone already, and that is not said again.
    if (reply.raw.closed) release()
    await awaken(name)
  })
}
