import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { z } from 'zod'
import { RunEvent } from '../../../server/src/engine/wire.ts'
import { Status } from '../../../server/src/watch/status/wire.ts'
import { connection } from './connection.ts'
import { useStream } from './stream.ts'

const LiveEvent = z.union([z.object({ type: z.literal('status'), status: Status }), RunEvent])
type LiveEvent = z.infer<typeof LiveEvent>

/** Refreshes queries when events of the keeper arrive. While none arrive, queries poll. */
export function useLive() {
  const client = useQueryClient()
  useStream('/api/events', {
    open: () => {
      connection.live()
      void client.invalidateQueries()
    },
    broken: () => connection.broken(),
    message: data => {
      const event = LiveEvent.safeParse(data)
      if (event.success) apply(client, event.data)
    },
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

function apply(client: QueryClient, event: LiveEvent) {
  if (event.type === 'status') {
    client.setQueryData(['status'], event.status)
    for (const app of event.status.apps) client.setQueryData(['app', app.name], app)
  }
  if (event.type === 'run') {
    const { run } = event
    client.setQueryData(['run', run.id], run)
    void client.invalidateQueries({ queryKey: ['runs', run.app] })
    void client.invalidateQueries({ queryKey: ['backup-runs'] })
    if (run.state !== 'ended') return
    void client.invalidateQueries({ queryKey: ['releases', run.app] })
    void client.invalidateQueries({ queryKey: ['traffic', run.app] })
    void client.invalidateQueries({ queryKey: ['app', run.app] })
    void client.invalidateQueries({ queryKey: ['status'] })
    for (const of of ['backups', 'drills', 'restores']) void client.invalidateQueries({ queryKey: [of] })
  }
}
