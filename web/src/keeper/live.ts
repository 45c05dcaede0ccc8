import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { z } from 'zod'
import { RunEvent } from '../../../server/src/engine/wire.ts'
import { Status } from '../../../server/src/watch/status/wire.ts'
import { arrived, runArrived } from './arrived.ts'
import { connection } from './connection.ts'
import { useStream } from './stream.ts'

const LiveEvent = z.union([z.object({ type: z.literal('status'), status: Status }), RunEvent])

/** Refreshes queries when events of the keeper arrive. While none arrive, queries poll. */
export function useLive() {
  const client = useQueryClient()
  useStream('/api/events', {
    open: () => {
      connection.live()
      void client.invalidateQueries()
    },
    broken: () => connection.broken(),
    message: data => applyEvent(client, data),
  })
  useEffect(() => {
    let before = connection.state()
    return connection.subscribe(() => {
      const now = connection.state()
      if (before === 'away') void client.invalidateQueries()
      before = now
    })
  }, [client])
}

/** Puts what an event brings into the queries, and asks again for what it may have changed. An event that this page does not know is passed over. */
export function applyEvent(client: QueryClient, data: unknown) {
  const { data: event } = LiveEvent.safeParse(data)
  if (event?.type === 'status') {
    arrived(client, ['status'], event.status)
    for (const app of event.status.apps) arrived(client, ['app', app.name], app)
  }
  if (event?.type !== 'run') return
  const { run } = event
  runArrived(client, run)
  const changed = [['runs', run.app], ['backup-runs']]
  const after = [['releases', run.app], ['traffic', run.app], ['app', run.app], ['status']]
  const ofData = [['backups'], ['drills'], ['restores'], ['copies']]
  for (const queryKey of run.state === 'ended' ? [...changed, ...after, ...ofData] : changed)
    void client.invalidateQueries({ queryKey })
}
