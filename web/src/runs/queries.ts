import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { Run, RunEvent, RunSummary } from '../../../server/src/engine/wire.ts'
import { runArrived } from '../keeper/arrived.ts'
import { useBatch } from '../keeper/batch.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'
import { useStream } from '../keeper/stream.ts'
import { stepKey } from '../kit/steps.ts'

const ended = (run: Run | undefined): boolean => run?.state === 'ended'

/** One run. It is fetched every few seconds until it ends, even when events arrive. */
export const useRun = (id: string) =>
  useQuery({
    queryKey: ['run', id],
    queryFn: () => ask(Run, `/api/runs/${id}`),
    refetchInterval: query => (ended(query.state.data) ? false : 3_000),
  })

export const useRuns = (app: string) =>
  useQuery({
    queryKey: ['runs', app],
    queryFn: () => ask(z.array(RunSummary), `/api/apps/${app}/runs`),
    refetchInterval: usePolling(),
  })

const OF_BACKUPS = [
  'backup',
  'verify',
  'drill',
  'restore',
  'restore-undo',
  'restore-discard',
  'restore-table',
  'recover',
]

export const isOfBackups = ({ kind }: Pick<RunSummary, 'kind'>): boolean => OF_BACKUPS.includes(kind)

/** The last runs of backups, drills and restores. */
export const useBackupRuns = () =>
  useQuery({
    queryKey: ['backup-runs'],
    queryFn: () => ask(z.array(RunSummary), '/api/runs'),
    select: runs => runs.filter(isOfBackups),
    refetchInterval: usePolling(),
  })

type Output = ReadonlyMap<string, readonly string[]>
type Line = Extract<RunEvent, { type: 'line' }>

const MOST_LINES = 2_000
/** How long the output is read after a run has ended: the last lines may arrive a little later. */
const GRACE_MS = 600

/** A run with its live output. */
export function useRunLive(id: string) {
  const client = useQueryClient()
  const run = useRun(id)
  const [output, setOutput] = useState<Output>(new Map())
  const [over, setOver] = useState(false)
  const batch = useBatch<Line>(come => setOutput(before => withLines(before, come)))
  useStream(over ? null : `/api/runs/${id}/events`, {
    // A reopened stream begins with all output so far, so the old lines are dropped.
    open: () => {
      batch.drop()
      setOutput(new Map())
    },
    message: data => {
      const { data: event } = RunEvent.safeParse(data)
      if (event?.type === 'run') {
        runArrived(client, event.run)
        if (ended(event.run)) setTimeout(() => setOver(true), GRACE_MS)
      }
      if (event?.type === 'line') batch.add(event)
    },
  })
  return { run, output }
}

function withLines(before: Output, come: readonly Line[]): Output {
  const after = new Map(before)
  for (const [key, lines] of Map.groupBy(come, stepKey)) {
    after.set(key, [...(after.get(key) ?? []), ...lines.map(line => line.text)].slice(-MOST_LINES))
  }
  return after
}
